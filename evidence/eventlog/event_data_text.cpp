#include <string>

#include <fmt/core.h>

#include "evidence/base/text.h"
#include "evidence/eventlog/event_data.h"
#include "evidence/eventlog/event_payload.h"

namespace assay::tcg {

std::string describe_unverified_data(const ParsedEvent& event, const EventPayload& payload) {
    constexpr std::size_t kShown = 200;
    if (const auto* unread = std::get_if<UnreadPayload>(&payload))
        return shortened(fmt::format("{} bytes: {}", event.unverified_data.size(), printable(unread->why)),
                         kShown);
    return shortened(payload_text(payload), kShown);
}

std::string describe_unverified_data(const ParsedEvent& event) {
    return describe_unverified_data(event, read_event_payload(event));
}

}  // namespace assay::tcg
