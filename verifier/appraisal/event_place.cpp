#include "verifier/appraisal/event_place.h"

#include <fmt/core.h>

#include "evidence/wire/section_names.h"

namespace assay {

std::string event_place(const tcg::ParsedEvent& event) {
    return fmt::format("{}: event {} (offset {:#x})", section::kBootEventLog, event.index, event.offset);
}

std::string event_place(const tcg::ParsedEventLog& log, std::uint32_t index) {
    const auto events = log.unverified_events();
    if (index < events.size()) return event_place(events[index]);
    return fmt::format("{}: event {}", section::kBootEventLog, index);
}

}  // namespace assay
