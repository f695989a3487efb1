#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "evidence/tpm/quote.h"
#include "evidence/wire/saved_bundle.h"

/// TPM time in verifier time. The TPM's clock counts milliseconds; each quote ties one value of it to a span
/// of the verifier's clock. Two quotes of one boot give a rate, and bounds for every value around them.
namespace assay::judge {

/// How far the clock of a TPM may run from the verifier's before it is a finding, in parts of a thousand.
/// Assay's own bound and a wide one: an oscillator is better by far, but TPM2_ClockRateAdjust moves the rate,
/// in the TCG's reference implementation by up to a sixth.
inline constexpr std::int64_t kClockRatePermille = 200;

/// Bounds of a time, Unix milliseconds.
struct TimeBounds {
    std::int64_t earliest_ms = 0;
    std::int64_t latest_ms = 0;

    bool operator==(const TimeBounds&) const = default;
};

/// What one accepted quote adds: the mapping goes on where resetCount, restartCount and boot id are the same
/// and the clock's rate is within the bound, and begins anew otherwise. The quote's clock must not be below
/// the newest one.
BootClock next_boot_clock(const std::optional<BootClock>& known, const tcg::ClockInfo& clock,
                          const std::string& boot_id, std::int64_t challenged_at, std::int64_t judged_at);

/// The point that a quote gives.
ClockPoint clock_point(const tcg::ClockInfo& clock, std::int64_t challenged_at, std::int64_t judged_at);

/// When the TPM's clock showed `tpm_ms`, as narrow as the two points and the rate's bound make it. Only for
/// values of the same stretch of the same boot as the mapping: before it the clock may have stood still.
/// Nothing where the two points contradict each other beyond the rate's bound.
std::optional<TimeBounds> verifier_time_of(const BootClock& mapping, std::uint64_t tpm_ms);

/// Milliseconds of the verifier's clock that can have passed between two points, least and most.
TimeBounds elapsed_between(const ClockPoint& first, const ClockPoint& later);

/// Negative where the TPM's clock ran slower between these points than a sound one, positive where faster, by
/// the milliseconds that are beyond the bound; 0 where it is within.
std::int64_t clock_drift_ms(const ClockPoint& first, const ClockPoint& later);

}  // namespace assay::judge
