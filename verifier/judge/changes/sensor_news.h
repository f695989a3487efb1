#pragma once

#include <vector>

#include "evidence/wire/section/device_sections.h"
#include "verifier/judge/changes/seen_change.h"

/// Which intrusion sensors of the chassis are told of no more. PURE.
namespace assay::judge {

/// A `part.gone` for each, with what it said last: who opened the case leaves out the sensor that saw it. In
/// the order of `before`.
std::vector<SeenChange> sensor_news(const std::vector<IntrusionSensor>& before,
                                    const std::vector<IntrusionSensor>& after, const ChangeSpan& when);

}  // namespace assay::judge
