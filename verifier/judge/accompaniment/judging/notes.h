#pragma once

#include <vector>

#include "verifier/judge/accompaniment/judging/attempt.h"

namespace assay::accompaniment {

/// LATE_ATTEST, ORDER_EDITED, ORDER_LATE, ROW_LATE, LATE_DIRECTORY, SOLE_WORD, EXCEPTION, CREDENTIAL_CLONE:
/// of the order and the persons that came nearest.
std::vector<Note> notes_on(const Attempt& attempt);

/// LATE_DELIVERY, CLOCK_STEP, EVIDENCE_GAP, ATTEMPT, FLAP: of the event itself. `count`: its insertions.
std::vector<Note> notes_on(const DeviceEvent& event, std::size_t count, const Policy& policy);

}  // namespace assay::accompaniment
