#include "verifier/judge/appraisal/facts/boot/boot_clock.h"

#include <algorithm>
#include <limits>

namespace assay::judge {
namespace {

constexpr std::int64_t kThousand = 1000;

// A clock that a hostile host reports can be any 64-bit number, and the sums below must not overflow: nothing
// here runs for longer than this, about 3,000 years.
constexpr std::uint64_t kLongest_ms = 100'000'000'000'000;

std::int64_t bounded(std::uint64_t milliseconds) {
    return static_cast<std::int64_t>(std::min(milliseconds, kLongest_ms));
}

std::int64_t bounded_ms(std::int64_t seconds) {
    const auto most = static_cast<std::int64_t>(kLongest_ms) / kThousand;
    return std::clamp(seconds, -most, most) * kThousand;
}

/// True time for `tpm` milliseconds of a clock that runs as fast, or as slowly, as it may.
std::int64_t least_for(std::int64_t tpm) {
    return tpm * kThousand / (kThousand + kClockRatePermille);
}
std::int64_t most_for(std::int64_t tpm) {
    return (tpm * kThousand + (kThousand - kClockRatePermille) - 1) / (kThousand - kClockRatePermille);
}

TimeBounds around(const ClockPoint& point, std::uint64_t tpm_ms) {
    const auto from = bounded_ms(point.not_before);
    const auto to = bounded_ms(point.not_after);
    if (tpm_ms >= point.tpm_ms) {
        const auto passed = bounded(tpm_ms - point.tpm_ms);
        return {from + least_for(passed), to + most_for(passed)};
    }
    const auto before = bounded(point.tpm_ms - tpm_ms);
    return {from - most_for(before), to - least_for(before)};
}

}  // namespace

ClockPoint clock_point(const tcg::ClockInfo& clock, std::int64_t challenged_at, std::int64_t judged_at) {
    const auto most = std::numeric_limits<std::int64_t>::max();
    return {clock.clock_ms, challenged_at, judged_at == most ? most : judged_at + 1};
}

BootClock next_boot_clock(const std::optional<BootClock>& known, const tcg::ClockInfo& clock,
                          const std::string& boot_id, std::int64_t challenged_at, std::int64_t judged_at) {
    const auto point = clock_point(clock, challenged_at, judged_at);
    const bool goes_on = known && known->reset_count == clock.reset_count &&
                         known->restart_count == clock.restart_count && known->boot_id == boot_id &&
                         clock_drift_ms(known->first, point) == 0;
    if (!goes_on) return {clock.reset_count, clock.restart_count, boot_id, point, point};
    BootClock next = *known;
    next.newest = point;
    return next;
}

std::optional<TimeBounds> verifier_time_of(const BootClock& mapping, std::uint64_t tpm_ms) {
    const auto first = around(mapping.first, tpm_ms);
    const auto newest = around(mapping.newest, tpm_ms);
    const TimeBounds both{std::max(first.earliest_ms, newest.earliest_ms),
                          std::min(first.latest_ms, newest.latest_ms)};
    if (both.earliest_ms > both.latest_ms) return std::nullopt;
    return both;
}

TimeBounds elapsed_between(const ClockPoint& first, const ClockPoint& later) {
    const auto least = bounded_ms(later.not_before) - bounded_ms(first.not_after);
    const auto most = bounded_ms(later.not_after) - bounded_ms(first.not_before);
    return {std::max<std::int64_t>(least, 0), std::max<std::int64_t>(most, 0)};
}

std::int64_t clock_drift_ms(const ClockPoint& first, const ClockPoint& later) {
    const auto tpm = later.tpm_ms < first.tpm_ms ? 0 : bounded(later.tpm_ms - first.tpm_ms);
    const auto passed = elapsed_between(first, later);
    if (most_for(tpm) < passed.earliest_ms) return most_for(tpm) - passed.earliest_ms;
    if (least_for(tpm) > passed.latest_ms) return least_for(tpm) - passed.latest_ms;
    return 0;
}

}  // namespace assay::judge
