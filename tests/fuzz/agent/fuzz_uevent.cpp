// What is accepted is consistent: a path below /sys, and an action and a path that the header repeats.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "agent/usb/kernel/uevent.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto bytes = std::as_bytes(std::span(data, size));
    const auto event = assay::agent::parse_uevent(bytes);
    if (!event) {
        if (event.error().context.empty()) std::abort();
        return 0;
    }
    const auto text = assay::as_text(bytes);
    if (!text.starts_with(event->action + "@" + event->devpath)) std::abort();
    if (!event->devpath.starts_with("/") || event->devpath.find("/../") != std::string::npos) std::abort();
    return 0;
}
