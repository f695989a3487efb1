#include <string>

#include <fmt/core.h>

#include "evidence/base/text.h"
#include "evidence/eventlog/event_data.h"
#include "evidence/eventlog/event_payload.h"

namespace assay::tcg {

std::string describe_unverified_data(const ParsedEvent& event) {
    constexpr std::size_t kShown = 200;
    const auto payload = read_event_payload(event);
    if (const auto* unread = std::get_if<UnreadPayload>(&payload))
        return shortened(fmt::format("{} bytes: {}", event.unverified_data.size(), printable(unread->why)),
                         kShown);
    return shortened(payload_text(payload), kShown);
}

}  // namespace assay::tcg
