#include "verifier/judge/devices/record_clock.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "verifier/judge/accompaniment/boot_clock.h"

namespace assay::judge {
namespace {

constexpr std::int64_t kYear = 366LL * 86'400'000;     // milliseconds
constexpr std::int64_t kLatest = 253'402'300'799'000;  // the end of the year 9999

}  // namespace

RecordClock::RecordClock(std::string boot_id, const ClockSection& clock, std::int64_t challenged_at,
                         std::int64_t now)
    : boot_id_(std::move(boot_id)),
      clock_(clock),
      anchor_ms_(challenged_at * 1000 + (now - challenged_at) * 500),
      bound_ms_((now - challenged_at) * 500 + 1000) {}

RecordTime RecordClock::time_of(const JournalRecord& record) const {
    return time_of(record, record.boottime_ms);
}

RecordTime RecordClock::time_of(const JournalRecord& record, std::uint64_t boottime_ms) const {
    const auto earlier = record.boottime_ms - std::min(record.boottime_ms, boottime_ms);
    const auto wall =
        std::clamp<std::int64_t>(std::clamp<std::int64_t>(record.wall_ms, 0, kLatest) -
                                     static_cast<std::int64_t>(std::min<std::uint64_t>(earlier, kYear)),
                                 0, kLatest);
    if (record.boot_id != boot_id_ || boottime_ms > clock_.boottime_ms) {  // of an earlier boot
        const auto off = std::abs(std::clamp<std::int64_t>(clock_.wall_ms, 0, kLatest) - anchor_ms_);
        return {.at_ms = wall, .bound_ms = std::min(off + bound_ms_, kYear)};
    }
    const auto ago = static_cast<std::int64_t>(
        std::min(clock_.boottime_ms - boottime_ms, static_cast<std::uint64_t>(kLatest)));
    const auto mapped =
        accompaniment::by_boot_clock(-ago, {.at = anchor_ms_, .boottime = 0, .bound = bound_ms_});
    const auto at = std::max<std::int64_t>(mapped.at, 0);
    // Before there were hosts: the clock is nonsense.
    const auto bound = mapped.at < 0 ? kYear : mapped.bound;
    return {.at_ms = at,
            .bound_ms = bound,
            .by_boot_clock = true,
            .stepped = accompaniment::was_stepped(wall, {.at = at, .bound = bound})};
}

}  // namespace assay::judge
