#pragma once

#include <span>
#include <string>
#include <utility>
#include <vector>

#include "verifier/judge/appraisal/policy/policy.h"

namespace assay::judge {

/// The policies of a fleet: one for hosts that no other selects, and any number that select by labels. For a
/// host the one that selects by most labels counts. PURE.
class PolicySet {
  public:
    /// File names and their texts, in any order. Refused with file and line: what Policy::from_toml refuses;
    /// no policy or two without [select]; two that select by as many labels and could select the same host;
    /// two of the same name.
    static Result<PolicySet> from_toml(const std::vector<std::pair<std::string, std::string>>& files);
    /// This policy for every host.
    explicit PolicySet(Policy policy) { policies_.push_back(std::move(policy)); }

    [[nodiscard]] const Policy& of(const Labels& labels) const;
    /// The one without [select] first, then by name.
    [[nodiscard]] std::span<const Policy> all() const { return policies_; }
    /// For tests alone: the one without [select].
    [[nodiscard]] Policy& fallback() { return policies_.front(); }

  private:
    PolicySet() = default;
    std::vector<Policy> policies_;
};

}  // namespace assay::judge
