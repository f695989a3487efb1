#pragma once

#include <string>
#include <string_view>

#include "evidence/base/result.h"

namespace assay {

/// Writes one attribute of a device, below /sys/devices only. `refused` where the kernel or the file's mode
/// does not let this user, `not_found` where the device is gone, `io` for what else the kernel says.
Result<> write_sysfs_attribute(const std::string& path, std::string_view value);

}  // namespace assay
