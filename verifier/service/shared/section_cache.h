#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "verifier/judge/appraisal/steps/held_section.h"

namespace assay::api {

/// Sections that hosts hold at the verifier, in memory, by the digest of their bytes. What is not here is in
/// the store. Thread-safe.
class SectionCache {
  public:
    /// What is kept takes a few times the size of its bytes. A section larger than an eighth of it is not
    /// kept.
    static constexpr std::size_t kMostBytes = 32U << 20U;

    explicit SectionCache(std::size_t most_bytes = kMostBytes) : most_bytes_(most_bytes) {}

    /// Null where it is not here.
    [[nodiscard]] std::shared_ptr<const HeldSection> find(const Digest& digest) const;
    /// The oldest go for it.
    void add(const std::shared_ptr<const HeldSection>& section);
    void clear();
    /// Of the sections that are kept.
    [[nodiscard]] std::size_t bytes() const;

  private:
    struct Hash {
        std::size_t operator()(const Digest& digest) const;
    };

    const std::size_t most_bytes_;
    mutable std::mutex mutex_;
    std::unordered_map<Digest, std::shared_ptr<const HeldSection>, Hash> sections_;
    std::deque<Digest> order_;  // as they came
    std::size_t bytes_ = 0;
};

}  // namespace assay::api
