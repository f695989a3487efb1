#pragma once

#include "verifier/judge/appraisal/steps/examined.h"

namespace assay::judge {

/// One finding for each verdict on a device event that is not clean, and for each of its notes that matters.
/// How many verdicts there were.
std::size_t find_judged_events(const Examined& examined, Judge& judge,
                               const std::vector<JudgedEvent>& judged);

}  // namespace assay::judge
