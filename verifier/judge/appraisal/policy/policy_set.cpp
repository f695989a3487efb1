#include "verifier/judge/appraisal/policy/policy_set.h"

#include <algorithm>

#include <fmt/core.h>

#include "evidence/base/text.h"

namespace assay::judge {
namespace {

std::size_t weight(const Policy& policy) {
    return policy.select.wanted.size();
}

Result<> judge_pair(const Policy& a, const Policy& b) {
    const auto refuse = [&](std::string_view why) {
        return fail(ErrorCode::malformed, fmt::format("{}: {} ({})", b.select.where, why, a.select.where));
    };
    if (a.name == b.name)
        return refuse(
            fmt::format("a second policy of the name '{}'; give it a name of its own", printable(a.name)));
    if (weight(a) == 0 && weight(b) == 0)
        return refuse(fmt::format("'{}' and '{}' are both for every host; add [select] to one of them",
                                  printable(a.name), printable(b.name)));
    if (weight(a) == weight(b) && a.select.meets(b.select))
        return refuse(fmt::format(
            "'{}' and '{}' could select the same host by as many labels; name a further label in one, "
            "or values that the other has not",
            printable(a.name), printable(b.name)));
    return {};
}

}  // namespace

Result<PolicySet> PolicySet::from_toml(const std::vector<std::pair<std::string, std::string>>& files) {
    PolicySet set;
    for (const auto& [name, text] : files) set.policies_.push_back(TRY(Policy::from_toml(name, text)));
    std::ranges::sort(set.policies_, {},
                      [](const Policy& policy) { return std::pair(weight(policy) != 0, policy.name); });
    for (std::size_t i = 0; i < set.policies_.size(); ++i) {
        for (std::size_t j = i + 1; j < set.policies_.size(); ++j)
            TRY_VOID(judge_pair(set.policies_[i], set.policies_[j]));
    }
    if (set.policies_.empty() || weight(set.policies_.front()) != 0)
        return fail(ErrorCode::malformed,
                    "no policy without [select]: a host that no other selects would have none; add one");
    return set;
}

const Policy& PolicySet::of(const Labels& labels) const {
    const auto* chosen = &policies_.front();
    for (const auto& policy : policies_) {
        if (weight(policy) > weight(*chosen) && policy.select.selects(labels)) chosen = &policy;
    }
    return *chosen;
}

}  // namespace assay::judge
