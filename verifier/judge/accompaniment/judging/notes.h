#pragma once

#include <vector>

#include "verifier/judge/accompaniment/judging/attempt.h"

namespace assay::accompaniment {

/// LATE_ATTEST, ORDER_EDITED, SOLE_WORD, EXCEPTION, CREDENTIAL_CLONE: of the order and the persons that came
/// nearest. `event`: when it was.
std::vector<Note> notes_on(const Attempt& attempt, const Span& event);

/// ORDER_LATE, ROW_LATE, LATE_DIRECTORY, each once: a hand that is late with much has one finding of each.
std::vector<Note> notes_on(const TooLate& late, const Span& event);

/// LATE_DELIVERY, CLOCK_STEP, EVIDENCE_GAP, ATTEMPT, FLAP: of the event itself. `count`: its insertions.
std::vector<Note> notes_on(const DeviceEvent& event, std::size_t count, const Policy& policy);

}  // namespace assay::accompaniment
