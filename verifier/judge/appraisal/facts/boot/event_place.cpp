#include "verifier/judge/appraisal/facts/boot/event_place.h"

#include <fmt/core.h>

#include "evidence/eventlog/event_data.h"
#include "evidence/wire/section/section_names.h"

namespace assay::judge {

std::string event_place(const tcg::ParsedEvent& event) {
    return fmt::format("{}: event {} (offset {:#x})", section::kBootEventLog, event.index, event.offset);
}

std::string event_place(const tcg::ParsedEventLog& log, std::uint32_t index) {
    const auto events = log.unverified_events();
    if (index < events.size()) return event_place(events[index]);
    return fmt::format("{}: event {}", section::kBootEventLog, index);
}

std::string event_text(const tcg::ParsedEvent& event) {
    return fmt::format("{} {}", tcg::event_type_name(event.unverified_type),
                       tcg::describe_unverified_data(event));
}

}  // namespace assay::judge
