#pragma once

#include <string>

#include "evidence/eventlog/event_log.h"

namespace assay::judge {

/// "boot-event-log: event 12 (offset 0x1a2)".
std::string event_place(const tcg::ParsedEvent& event);
/// The same by index, for facts that name an event so.
std::string event_place(const tcg::ParsedEventLog& log, std::uint32_t index);

/// "EV_EFI_BOOT_SERVICES_APPLICATION \\EFI\\BOOT\\BOOTX64.EFI (8192 bytes)": what the event says of itself,
/// printable, and anybody's word.
std::string event_text(const tcg::ParsedEvent& event);

}  // namespace assay::judge
