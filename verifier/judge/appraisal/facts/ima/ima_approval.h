#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "evidence/ima/ima_log.h"
#include "evidence/ima/ima_signature.h"
#include "evidence/wire/section/ima_state.h"
#include "verifier/judge/appraisal/policy/policy.h"

namespace assay::judge {

/// The rules for measured files that hold for one appraisal. Borrows the policy.
class ImaApproval {
  public:
    explicit ImaApproval(const Policy& policy);

    /// Whether there is any rule.
    [[nodiscard]] bool judges() const { return rules_ != nullptr; }
    /// Judges an entry that the quote covers, and adds what came of it.
    void judge(const tcg::ParsedImaEntry& entry, ImaFiles& files) const;

  private:
    /// Why this content may be there under any name; empty where nothing approves it. The one place for
    /// another source of reference values: whoever adds one adds it to `ima_rules` too.
    [[nodiscard]] std::optional<std::string> approves(const tcg::ImaFields& entry) const;
    [[nodiscard]] std::optional<std::string> signed_by(const tcg::ImaFields& entry) const;

    struct Signer {
        std::string_view name;
        tcg::ImaSigner key;
    };
    const ImaPolicy* rules_ = nullptr;
    std::vector<Signer> signers_;
};

/// SHA-256 of all rules for measured files; empty where there are none. What was judged under others is
/// judged anew.
std::optional<Digest> ima_rules(const Policy& policy);

/// Adds an entry: named one by one while there are few.
void add_note(ImaNotes& notes, const tcg::ParsedImaEntry& entry, std::string path, std::string expected,
              std::string found);

}  // namespace assay::judge
