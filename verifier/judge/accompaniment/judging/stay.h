#pragma once

#include <vector>

#include "verifier/judge/accompaniment/judging/attempt.h"

namespace assay::accompaniment {

/// UNACCOMPANIED_INTERVAL: the parts of `stay` in which a device that came in accompanied was left alone: the
/// escort's badge went elsewhere, or no session of the order was open and fresh any more. Each with its span;
/// high where the device's storage was mounted, else medium. Only as far as the feeds have been received.
std::vector<Note> uncovered_stay(const Attempt& attempt, const DeviceEvent& event, const Host& host,
                                 const Span& stay, const Knowledge& knowledge);

}  // namespace assay::accompaniment
