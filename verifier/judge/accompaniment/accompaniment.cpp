#include "verifier/judge/accompaniment/accompaniment.h"

#include <fmt/core.h>

namespace assay::accompaniment {

SessionCover by_session(std::string_view host, std::int64_t event_ms,
                        const std::vector<WorkSession>& sessions) {
    const std::int64_t at = event_ms < 0 ? -1 : event_ms / 1000;
    const WorkSession* covering = nullptr;
    const WorkSession* before = nullptr;  // the last to end before the event
    const WorkSession* after = nullptr;   // the first to begin behind it
    for (const auto& session : sessions) {
        if (session.host != host || at < 0) continue;
        if (session.opened_at > at) {
            if (after == nullptr || session.opened_at < after->opened_at) after = &session;
        } else if (session.closed_at && *session.closed_at < at) {
            if (before == nullptr || *session.closed_at > *before->closed_at) before = &session;
        } else if (covering == nullptr || session.opened_at < covering->opened_at) {
            covering = &session;
        }
    }
    if (covering != nullptr) return {.accompanied = true, .session = covering->id, .reason = {}};
    if (before != nullptr) {
        return {.accompanied = false,
                .session = {},
                .reason = fmt::format("the last session ended {} s before", at - *before->closed_at)};
    }
    if (after != nullptr) {
        return {.accompanied = false,
                .session = {},
                .reason = fmt::format("the first session began {} s later", after->opened_at - at)};
    }
    return {.accompanied = false, .session = {}, .reason = "no session of this host"};
}

}  // namespace assay::accompaniment
