#pragma once

#include "verifier/judge/accompaniment/time.h"

namespace assay::accompaniment {

/// A moment of a host's boot clock that the verifier's clock knows, right to `bound`. All in milliseconds.
struct BootAnchor {
    Millis at = 0;
    Millis boottime = 0;
    Millis bound = 0;
};

struct MappedTime {
    Millis at = 0;
    Millis bound = 0;
};

/// When the boot clock read `boottime`, in the same boot. The bound grows with the distance from the anchor
/// by 50 ppm: a quartz that nobody disciplines. Neither boot clock may be more than a century.
MappedTime by_boot_clock(Millis boottime, const BootAnchor& anchor);

/// The host's wall clock, which read `wall` then, is off by more than the bound and two minutes: it was set.
bool was_stepped(Millis wall, const MappedTime& mapped);

}  // namespace assay::accompaniment
