
#include "cli/inspect/file.h"
#include "cli/inspect/inspect.h"
#include "evidence/base/limits.h"
#include "evidence/device/smbios_json.h"

namespace assay::cli {

void add_inspect_smbios(command_line::Command& parent, Context& context) {
    static constexpr FileKind kSmbios{
        "smbios", "An SMBIOS table: a dmidecode dump, /sys/firmware/dmi/tables/DMI, or a section",
        "assay inspect smbios /sys/firmware/dmi/tables/DMI --json | jq .structures", device::inspect_smbios,
        limits::kSmbiosTable + limits::kSmbiosEntryPoint};
    add_file_inspector(parent, context, kSmbios);
}

}  // namespace assay::cli
