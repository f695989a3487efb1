#include "evidence/device/pci.h"
#include "tests/fuzz/round_trip.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    (void)assay::pci::parse_config(assay::fuzz::view_of(data, size));
    return 0;
}
