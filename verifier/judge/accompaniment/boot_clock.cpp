#include "verifier/judge/accompaniment/boot_clock.h"

#include <cstdlib>

namespace assay::accompaniment {

MappedTime by_boot_clock(Millis boottime, const BootAnchor& anchor) {
    constexpr Millis kDrift = 20'000;  // one millisecond in this many
    const auto since = boottime - anchor.boottime;
    return {.at = anchor.at + since, .bound = anchor.bound + std::abs(since) / kDrift};
}

bool was_stepped(Millis wall, const MappedTime& mapped) {
    constexpr Millis kStep = 120'000;
    return std::abs(wall - mapped.at) > mapped.bound + kStep;
}

}  // namespace assay::accompaniment
