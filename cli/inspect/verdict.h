#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/context.h"
#include "evidence/base/verdict.h"

namespace assay::cli {

/// The answer of an `assay inspect` that judges: a verdict, every reason for it by a stable id, what was
/// verified, and the fields. *Could not process* (no such file, not what it says it is) stays an Error; a
/// thing that was processed and is wrong is `invalid`.
///
///     {"verdict": "invalid",
///      "reasons": [{"id": "quote.nonce_mismatch", "text": "...", "effect": "invalid"}],
///      "checked": ["signature: RSASSA with SHA-256"],
///      "details": {...}}
class InspectVerdict {
  public:
    using Verdict = Effect;

    struct Reason {
        std::string id;    ///< stable: "quote.signature_invalid"
        std::string text;  ///< for a person; made printable when it is shown
        Verdict effect;    ///< what this reason alone leads to
    };

    /// A reason with what it leads to, by itself or from a table.
    void add(std::string_view id, Verdict effect, std::string text);
    template <typename Kind>
    void add(const assay::Reason<Kind>& reason) {
        add(reason.id(), reason.effect(), reason.text());
    }
    /// Its reasons, and what it verified.
    template <typename Kind>
    void add(const VerdictOf<Kind>& verdict) {
        for (const auto& reason : verdict.reasons) add(reason);
        checked_.insert(checked_.end(), verdict.checked.begin(), verdict.checked.end());
    }
    /// A reason against it: the verdict is `invalid`, whatever else there is.
    void refuses(std::string_view id, std::string text);
    /// Something was verified and holds. Without one of these nothing is `valid`.
    void holds(std::string what);

    /// As VerdictOf::effect().
    [[nodiscard]] Verdict verdict() const;
    [[nodiscard]] const std::vector<Reason>& reasons() const { return reasons_; }
    [[nodiscard]] const std::vector<std::string>& checked() const { return checked_; }
    [[nodiscard]] bool has(std::string_view id) const;
    /// The whole answer, as --json prints it.
    [[nodiscard]] Json json() const;

    Json details = Json::object();  ///< the fields; texts as they are

  private:
    std::vector<Reason> reasons_;
    std::vector<std::string> checked_;
};

/// Prints it as text or, with --json, as JSON, and gives its exit code.
command_line::ExitCode show(const Context& context, const InspectVerdict& answer);

}  // namespace assay::cli
