#include <nlohmann/json.hpp>

#include "evidence/device/smbios_json.h"
#include "tests/fuzz/round_trip.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (const auto json = assay::device::inspect_smbios(assay::fuzz::view_of(data, size))) (void)json->dump();
    return 0;
}
