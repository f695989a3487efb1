#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "evidence/wire/saved_bundle.h"
#include "evidence/wire/section/journal.h"
#include "verifier/judge/devices/record_clock.h"

/// Which devices came, were used and went unaccompanied, by the simple rule of work sessions or by the
/// verdicts of a directory of persons: followed from the matters that are open, through the records of one
/// journal part.
namespace assay::judge {

class InternalDevices;

/// What the journal brings: the matters that are open after it.
struct DeviceNews {
    std::vector<OpenMatter> open;  ///< of devices only; those of `known` that are not over, and new ones
    std::size_t judged = 0;        ///< records that were judged
    std::size_t excused = 0;       ///< of root hubs and of the model's internal devices
};

}  // namespace assay::judge
