#pragma once

#include <cstddef>
#include <memory>
#include <mutex>

#include "evidence/base/bounded_cache.h"
#include "verifier/judge/appraisal/steps/held_section.h"

namespace assay::api {

/// Sections that hosts hold at the verifier, in memory, by the digest of their bytes. What is not here is in
/// the store. Thread-safe.
class SectionCache {
  public:
    /// What is kept takes a few times the size of its bytes. A section larger than an eighth of it is not
    /// kept.
    static constexpr std::size_t kMostBytes = 32U << 20U;

    explicit SectionCache(std::size_t most_bytes = kMostBytes)
        : largest_(most_bytes / 8), sections_({.bytes = most_bytes}) {}

    /// Null where it is not here.
    [[nodiscard]] std::shared_ptr<const judge::HeldSection> find(const Digest& digest) const {
        const std::scoped_lock lock(mutex_);
        const auto* found = sections_.find(digest);
        return found == nullptr ? nullptr : *found;
    }
    /// The oldest go for it.
    void add(const std::shared_ptr<const judge::HeldSection>& section) {
        const auto size = section->bytes().size();
        if (size > largest_) return;
        const std::scoped_lock lock(mutex_);
        sections_.add(section->digest(), section, size);
    }
    void clear() {
        const std::scoped_lock lock(mutex_);
        sections_.clear();
    }
    /// Of the sections that are kept.
    [[nodiscard]] std::size_t bytes() const {
        const std::scoped_lock lock(mutex_);
        return sections_.bytes();
    }

  private:
    const std::size_t largest_;
    mutable std::mutex mutex_;
    BoundedCache<Digest, std::shared_ptr<const judge::HeldSection>> sections_;
};

}  // namespace assay::api
