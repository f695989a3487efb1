#include "evidence/device/usb_descriptor.h"
#include "tests/fuzz/round_trip.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (const auto device = assay::usb::parse_descriptors(assay::fuzz::view_of(data, size))) {
        (void)assay::usb::is_network(*device);
        (void)assay::usb::is_keyboard(*device);
    }
    return 0;
}
