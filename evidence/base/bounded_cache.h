#pragma once

#include <cstddef>
#include <deque>
#include <limits>
#include <map>
#include <utility>

namespace assay {

/// What was made before, by its key, in no more bytes and no greater number than it may have: the oldest go
/// first. For one thread at a time.
template <typename Key, typename Value>
class BoundedCache {
  public:
    struct Bounds {
        std::size_t bytes = std::numeric_limits<std::size_t>::max();
        std::size_t entries = std::numeric_limits<std::size_t>::max();
    };

    explicit BoundedCache(Bounds bounds) : bounds_(bounds) {}
    BoundedCache(const BoundedCache&) = delete;  // the order points into the entries
    BoundedCache& operator=(const BoundedCache&) = delete;
    ~BoundedCache() = default;

    /// Null where it is not here. Valid until something is added.
    template <typename Like>
    [[nodiscard]] const Value* find(const Like& key) const {
        const auto found = entries_.find(key);
        return found == entries_.end() ? nullptr : &found->second.value;
    }

    /// In the place of what is under this key. `bytes`: of all that lives on because this is kept, by its
    /// key too. What is larger than the bound is not kept.
    void add(Key key, Value value, std::size_t bytes = 0) {
        if (bytes > bounds_.bytes) return;
        const auto [at, is_new] = entries_.try_emplace(std::move(key));
        if (is_new) order_.push_back(at);
        bytes_ = bytes_ - at->second.bytes + bytes;
        at->second = {std::move(value), bytes};
        while (bytes_ > bounds_.bytes || entries_.size() > bounds_.entries) {
            bytes_ -= order_.front()->second.bytes;
            entries_.erase(order_.front());
            order_.pop_front();
        }
    }

    void clear() {
        order_.clear();
        entries_.clear();
        bytes_ = 0;
    }
    [[nodiscard]] std::size_t bytes() const { return bytes_; }

  private:
    struct Entry {
        Value value{};
        std::size_t bytes = 0;
    };
    using Entries = std::map<Key, Entry, std::less<>>;

    Bounds bounds_;
    Entries entries_;
    std::deque<typename Entries::const_iterator> order_;  // as they came
    std::size_t bytes_ = 0;
};

}  // namespace assay
