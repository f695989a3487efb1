#include "verifier/service/shared/section_cache.h"

#include <algorithm>
#include <cstring>

namespace assay::api {

std::size_t SectionCache::Hash::operator()(const Digest& digest) const {
    // A digest is as good as random already.
    std::size_t out = 0;
    const auto bytes = digest.view();
    std::memcpy(&out, bytes.data(), std::min(sizeof out, bytes.size()));
    return out;
}

std::shared_ptr<const HeldSection> SectionCache::find(const Digest& digest) const {
    const std::scoped_lock lock(mutex_);
    const auto found = sections_.find(digest);
    return found == sections_.end() ? nullptr : found->second;
}

void SectionCache::add(const std::shared_ptr<const HeldSection>& section) {
    constexpr std::size_t kShare = 8;
    const auto size = section->bytes().size();
    if (size > most_bytes_ / kShare) return;
    const std::scoped_lock lock(mutex_);
    if (!sections_.try_emplace(section->digest(), section).second) return;
    order_.push_back(section->digest());
    bytes_ += size;
    while (bytes_ > most_bytes_) {
        const auto oldest = sections_.find(order_.front());
        bytes_ -= oldest->second->bytes().size();
        sections_.erase(oldest);
        order_.pop_front();
    }
}

void SectionCache::clear() {
    const std::scoped_lock lock(mutex_);
    sections_.clear();
    order_.clear();
    bytes_ = 0;
}

std::size_t SectionCache::bytes() const {
    const std::scoped_lock lock(mutex_);
    return bytes_;
}

}  // namespace assay::api
