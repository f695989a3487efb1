#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "evidence/wire/saved_bundle.h"
#include "verifier/judge/accompaniment/time.h"

/// Was somebody there who was meant to be? PURE: the event's time and the work sessions are arguments.
namespace assay::accompaniment {

struct SessionCover {
    bool accompanied = false;
    std::string session = {};  ///< id of the session that covers the event, the one that was opened first
    std::string unlisted =
        {};                   ///< who opened that one for an order or persons that the verifier does not have
    std::string reason = {};  ///< where none does: one line that tells the nearest miss
};

/// The simple rule: an event of `host` is accompanied if one session of this host was open throughout
/// `event`, from the second in which it was opened to the one in which it was closed, both included. A
/// session opened later clears nothing, nor does one whose escort is nobody or the technician. Of several
/// that cover it a listed one counts. `event`: Unix time in milliseconds, one moment where it was seen;
/// below 0 nothing covers it.
SessionCover by_session(std::string_view host, const Span& event, const std::vector<WorkSession>& sessions);

}  // namespace assay::accompaniment
