#include <cstdlib>

#include "evidence/device/usb_descriptor.h"
#include "tests/fuzz/round_trip.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto bytes = assay::fuzz::view_of(data, size);
    const auto device = assay::usb::parse_descriptors(bytes);
    const auto sound = assay::usb::parse_sound_descriptors(bytes);
    if (device) {
        (void)assay::usb::is_network(*device);
        (void)assay::usb::is_keyboard(*device);
    }
    // What lets a device in is never more than all of what it says.
    if (device.has_value() != (sound && sound->unread.empty())) std::abort();
    if (device && *device != *sound) std::abort();
    return 0;
}
