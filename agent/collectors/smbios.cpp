#include "agent/collectors/collectors.h"
#include "evidence/base/limits.h"

namespace assay::agent {

/// Entry point and table (DMTF DSP0134), raw. One without the other is not evidence: then there is a gap
/// alone.
std::optional<Bytes> collect_smbios(const Machine& machine, GapLog& gaps) {
    constexpr std::string_view kEntryPoint = "/sys/firmware/dmi/tables/smbios_entry_point";
    constexpr std::string_view kTable = "/sys/firmware/dmi/tables/DMI";
    auto& host = machine.host;
    auto entry_point =
        gaps.value_of(host.read(kEntryPoint, limits::kSmbiosEntryPoint), section::kSmbios, kEntryPoint);
    auto table = gaps.value_of(host.read(kTable, limits::kSmbiosTable), section::kSmbios, kTable);
    if (!entry_point || !table) return std::nullopt;
    return encode_smbios_section({std::move(*entry_point), std::move(*table)});
}

}  // namespace assay::agent
