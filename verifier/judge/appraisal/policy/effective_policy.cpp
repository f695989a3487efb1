#include "verifier/judge/appraisal/policy/effective_policy.h"

#include <algorithm>

namespace assay::judge {

EffectivePolicy::EffectivePolicy(const Policy& policy, const vendors::VendorDb& vendors, std::int64_t at)
    : policy_(policy) {
    if (!policy.ima) return;
    std::vector<Digest> files;
    for (const auto& set : vendors.references()) {
        if (!set.span.covers(at)) continue;
        for (const auto& file : set.files) {
            if (file.digest.algorithm() == HashAlgorithm::sha256) files.push_back(file.digest);
        }
    }
    if (files.empty()) return;
    extended_ = policy;
    auto& digests = extended_->ima->digests;
    digests.insert(digests.end(), files.begin(), files.end());
    std::ranges::sort(digests);
    digests.erase(std::ranges::unique(digests).begin(), digests.end());
    // Other rules: what was judged by those without these files is judged anew.
    Hasher rules(HashAlgorithm::sha256);
    rules.update(policy.ima->digest.view());
    for (const auto& each : digests) rules.update(each.view());
    extended_->ima->digest = rules.finish();
}

}  // namespace assay::judge
