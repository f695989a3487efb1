#pragma once

#include <cstdint>
#include <optional>

#include "vendor-db/model/vendor_db.h"
#include "verifier/judge/appraisal/policy/policy.h"

namespace assay::judge {

/// The policy as it holds at a time: where it judges measured files, the files of all reference sets that
/// hold then are approved under any name too. Borrows the policy it was made of; a copy is made only where
/// there are such sets. PURE.
class EffectivePolicy {
  public:
    EffectivePolicy(const Policy& policy, const vendors::VendorDb& vendors, std::int64_t at);
    EffectivePolicy(const EffectivePolicy&) = delete;
    EffectivePolicy& operator=(const EffectivePolicy&) = delete;
    ~EffectivePolicy() = default;

    [[nodiscard]] const Policy& get() const { return extended_ ? *extended_ : policy_; }

  private:
    const Policy& policy_;
    std::optional<Policy> extended_;
};

}  // namespace assay::judge
