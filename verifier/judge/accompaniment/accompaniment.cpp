#include "verifier/judge/accompaniment/accompaniment.h"

#include <utility>

#include <fmt/core.h>

#include "evidence/base/text.h"

namespace assay::accompaniment {

SessionCover by_session(std::string_view host, const Span& event, const std::vector<WorkSession>& sessions) {
    const std::int64_t from = event.from < 0 ? -1 : event.from / 1000;
    const std::int64_t at = event.to < 0 ? -1 : event.to / 1000;
    const WorkSession* covering = nullptr;
    const WorkSession* alone = nullptr;  // it would cover it, and nobody accompanied
    const WorkSession* partly = nullptr;
    const WorkSession* before = nullptr;  // the last to end before the event
    const WorkSession* after = nullptr;   // the first to begin behind it
    for (const auto& session : sessions) {
        if (session.host != host || from < 0) continue;
        if (session.opened_at > at) {
            if (after == nullptr || session.opened_at < after->opened_at) after = &session;
        } else if (session.closed_at && *session.closed_at < from) {
            if (before == nullptr || *session.closed_at > *before->closed_at) before = &session;
        } else if (session.opened_at > from || (session.closed_at && *session.closed_at < at)) {
            partly = &session;
        } else if (session.escort.empty() || session.escort == session.technician) {
            alone = &session;
        } else if (covering == nullptr ||
                   std::pair(session.unlisted.has_value(), session.opened_at) <
                       std::pair(covering->unlisted.has_value(), covering->opened_at)) {
            covering = &session;
        }
    }
    if (covering != nullptr) {
        return {.accompanied = true, .session = covering->id, .unlisted = covering->unlisted.value_or("")};
    }
    if (alone != nullptr)
        return {.reason = fmt::format("session {} names no escort but the technician", printable(alone->id))};
    if (partly != nullptr) {
        return {.reason = "a session covers a part of the time in which it may have happened"};
    }
    if (before != nullptr) {
        return {.reason = fmt::format("the last session ended {} s before", from - *before->closed_at)};
    }
    if (after != nullptr) {
        return {.reason = fmt::format("the first session began {} s later", after->opened_at - at)};
    }
    return {.reason = "no session of this host"};
}

}  // namespace assay::accompaniment
