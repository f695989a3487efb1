#include "evidence/wire/section/ima_state.h"
#include "evidence/wire/section/sections.h"
#include "tests/fuzz/round_trip.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace assay;
    const auto bytes = fuzz::view_of(data, size);
    fuzz::round_trip(bytes, decode_smbios_section, encode_smbios_section);
    fuzz::round_trip(bytes, decode_ima_part_section, encode_ima_part_section);
    fuzz::round_trip(bytes, decode_ima_state, encode_ima_state);
    fuzz::round_trip(bytes, decode_pci_section, encode_pci_section);
    fuzz::round_trip(bytes, decode_storage_section, encode_storage_section);
    fuzz::round_trip(bytes, decode_network_section, encode_network_section);
    fuzz::round_trip(bytes, decode_cpu_section, encode_cpu_section);
    fuzz::round_trip(bytes, decode_bmc_section, encode_bmc_section);
    fuzz::round_trip(bytes, decode_esrt_section, encode_esrt_section);
    fuzz::round_trip(bytes, decode_usb_section, encode_usb_section);
    fuzz::round_trip(bytes, decode_chassis_section, encode_chassis_section);
    fuzz::round_trip(bytes, decode_kernel_section, encode_kernel_section);
    fuzz::round_trip(bytes, decode_tpm_section, encode_tpm_section);
    fuzz::round_trip(bytes, decode_pcr_section, encode_pcr_section);
    fuzz::round_trip(bytes, decode_clock_section, encode_clock_section);
    fuzz::round_trip(bytes, decode_gaps_section, encode_gaps_section);
    return 0;
}
