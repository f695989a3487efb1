#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>

#include "evidence/wire/section/journal.h"

namespace assay::agent {

/// The gap rule: counts events that are in no record, and says when the kernel's own count of events calls
/// for a look at what is there. What was lost stays counted until a record of kind `gap` with that count is
/// on disk; the record's span begins where the monitor last knew all (docs/formats/journal.md, "Record").
class GapRule {
  public:
    using Time = std::chrono::steady_clock::time_point;
    static constexpr std::chrono::seconds kPatience{10};  ///< for an event that the kernel has counted

    /// Events that are in no record; 0: how many is not known.
    void lose(std::uint64_t count) { lost_ = lost_.value_or(0) + count; }
    /// The record that has to stand before any other; nothing where nothing is lost.
    [[nodiscard]] std::optional<JournalRecord> open() const {
        if (!lost_) return std::nullopt;
        JournalRecord record;
        record.kind = DeviceEventKind::gap;
        record.lost = *lost_;
        record.since_ms = good_until_ms_;
        return record;
    }
    /// That record is on disk.
    void close() { lost_.reset(); }

    /// The kernel's event of this number was handled.
    void handled(std::uint64_t sequence) { sequence_ = std::max(sequence_, sequence); }
    /// The kernel has counted `counted` events. True where some of them have not come in all the time that an
    /// event may take. The kernel counts those to other network namespaces (containers) too: a count that is
    /// ahead means "look", not "attack".
    [[nodiscard]] bool calls_for_look(std::uint64_t counted, Time now) {
        const bool is_over = awaited_ && now >= awaited_->until;
        const bool missed = is_over && sequence_ < awaited_->sequence;
        if (missed) sequence_ = awaited_->sequence;
        if (is_over || counted <= sequence_) awaited_.reset();
        if (counted > sequence_ && !awaited_) awaited_ = {counted, now + kPatience};
        return missed;
    }
    [[nodiscard]] std::optional<Time> next_due() const {
        return awaited_ ? std::optional(awaited_->until) : std::nullopt;
    }
    /// At this CLOCK_BOOTTIME nothing was lost, unless an event is awaited.
    void all_known(std::uint64_t boottime_ms) {
        if (!awaited_) good_until_ms_ = boottime_ms;
    }
    [[nodiscard]] std::uint64_t good_until_ms() const { return good_until_ms_; }
    [[nodiscard]] std::uint64_t sequence() const { return sequence_; }

  private:
    struct Awaited {
        std::uint64_t sequence;
        Time until;
    };
    std::optional<std::uint64_t> lost_;
    std::uint64_t good_until_ms_ = 0;
    std::uint64_t sequence_ = 0;  // up to there all was handled
    std::optional<Awaited> awaited_;
};

}  // namespace assay::agent
