#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agent/collectors/collectors.h"

/// Inside agent/collectors: a part of the storage section.
namespace assay::agent {

inline constexpr std::string_view kBlock = "/sys/block";
inline constexpr std::string_view kNvmeControllers = "/sys/class/nvme";
inline constexpr std::string_view kNvmeName =
    "nvme";  ///< what the kernel's NVMe driver calls each of its disks
inline constexpr std::uint64_t kSector =
    512;  ///< what sysfs counts sizes in, whatever the drive's own sector size

/// The NVMe drives of these controllers. A namespace is of the controllers in whose folder it stands, or a
/// path to it: with native multipathing the number in "nvme0n1" is the subsystem's and no controller's
/// (drivers/nvme/host/core.c, nvme_set_disk_name). Controllers that lead to one namespace, and have one model
/// and serial number, are one drive: the first one's name, all their places. A namespace that stands in no
/// controller's folder is a gap.
std::vector<Drive> nvme_drives(Host& host, const std::vector<std::string>& controllers,
                               const std::vector<std::string>& blocks, GapLog& gaps);

}  // namespace assay::agent
