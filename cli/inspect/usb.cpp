
#include "cli/inspect/content/usb_json.h"
#include "cli/inspect/file.h"
#include "cli/inspect/inspect.h"
#include "evidence/base/limits.h"

namespace assay::cli {

void add_inspect_usb(command_line::Command& parent, Context& context) {
    static constexpr FileKind kUsb{"usb",
                                   "USB descriptors: the file that sysfs has of a device, or a section",
                                   "assay inspect usb /sys/bus/usb/devices/1-4/descriptors\n"
                                   "assay inspect usb /sys/bus/usb/devices/1-4/descriptors --json | jq -r "
                                   "'.configurations[].interfaces[].class_name'",
                                   inspect_usb, limits::kSection};
    add_file_inspector(parent, context, kUsb);
}

}  // namespace assay::cli
