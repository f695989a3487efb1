#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "cli/context.h"

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
    enum class Verdict : std::uint8_t { valid, invalid, undecided };

    struct Reason {
        std::string id;    ///< stable: "quote.signature_invalid"
        std::string text;  ///< for a person; made printable when it is shown
        Verdict effect;    ///< what this reason alone leads to; `valid` is a remark, such as a vendor's quirk
    };

    /// Any of the following three, where a table says which.
    void add(std::string_view id, Verdict effect, std::string text);
    /// A reason against it: the verdict is `invalid`, whatever else there is.
    void refuses(std::string_view id, std::string text);
    /// Something that would be needed to say `valid` is missing.
    void leaves_open(std::string_view id, std::string text);
    /// A remark that changes nothing.
    void notes(std::string_view id, std::string text);
    /// Something was verified and holds. Without one of these nothing is `valid`.
    void holds(std::string what);

    /// `invalid` with a reason against it; else `undecided` with something left open, or with nothing
    /// verified; else `valid`.
    [[nodiscard]] Verdict verdict() const;
    [[nodiscard]] const std::vector<Reason>& reasons() const { return reasons_; }
    [[nodiscard]] bool has(std::string_view id) const;
    /// The whole answer, as --json prints it.
    [[nodiscard]] nlohmann::json json() const;

    nlohmann::json details = nlohmann::json::object();  ///< the fields; texts as they are

  private:
    std::vector<Reason> reasons_;
    std::vector<std::string> checked_;
};

/// "valid", "invalid", "undecided".
std::string_view to_string(InspectVerdict::Verdict verdict);

/// 0 valid, 3 invalid, 5 undecided.
ExitCode exit_code(InspectVerdict::Verdict verdict);

/// Prints it as text or, with --json, as JSON, and gives its exit code.
ExitCode show(const Context& context, const InspectVerdict& answer);

}  // namespace assay::cli
