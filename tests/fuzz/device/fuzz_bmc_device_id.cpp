// Input: a BMC's answer to Get Device ID. What is read has the size of one and a version that can be shown.
#include <cstdint>
#include <cstdlib>

#include "evidence/device/bmc.h"
#include "tests/fuzz/round_trip.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto id = assay::bmc::parse_device_id(assay::fuzz::view_of(data, size));
    if (!id) return 0;
    if (size != 11 && size != 15) std::abort();
    if (id->auxiliary_firmware.has_value() != (size == 15) || id->manufacturer >= 1U << 20U) std::abort();
    if (id->firmware_version().find('.') == std::string::npos) std::abort();
    return 0;
}
