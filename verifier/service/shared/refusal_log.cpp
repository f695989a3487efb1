#include "verifier/service/shared/refusal_log.h"

#include <algorithm>

namespace assay::api {

bool RefusalLog::merge(const Pending::key_type& key, const store::Refusal& refusal) {
    const auto found = pending_.find(key);
    if (found == pending_.end()) {
        return pending_.size() < kMostPending && pending_.emplace(key, refusal).second;
    }
    auto& there = found->second;
    if (refusal.last_at >= there.last_at) there.actual = refusal.actual;
    there.times += refusal.times;
    there.first_at = std::min(there.first_at, refusal.first_at);
    there.last_at = std::max(there.last_at, refusal.last_at);
    return false;
}

bool RefusalLog::add(store::Refusal refusal, std::int64_t now) {
    refusal.first_at = refusal.last_at = now;
    const std::lock_guard lock(mutex_);
    return merge({refusal.host, refusal.asked_name, refusal.kind, refusal.ek_digest, refusal.ak_digest},
                 refusal);
}

Result<> RefusalLog::flush() {
    const std::lock_guard writing(writing_);
    Pending taken;
    {
        const std::lock_guard lock(mutex_);
        taken.swap(pending_);
    }
    if (taken.empty()) return {};
    std::vector<store::Refusal> refusals;
    refusals.reserve(taken.size());
    for (const auto& [key, refusal] : taken) refusals.push_back(refusal);
    auto written = store::Refusals(store_).add(refusals);
    if (written) return {};
    const std::lock_guard lock(mutex_);
    for (const auto& [key, refusal] : taken) merge(key, refusal);
    return written;
}

}  // namespace assay::api
