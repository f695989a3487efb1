#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "agent/devices/host/host.h"

namespace assay::agent {

/// The machine itself: sysfs and procfs files, libudev's enumeration (or /sys/bus and /sys/class where
/// libudev gives nothing), ethtool's ioctls, /dev/ipmi0 with a time-out of 5 s, libusb's control transfers,
/// the kernel's clocks. Keeps no state and no open file between calls; every call may be made from any
/// thread.
std::unique_ptr<Host> make_real_host();

/// Writes one attribute of a device, below /sys/devices only. `refused` where the kernel or the file's mode
/// does not let this user, `not_found` where the device is gone, `io` for what else the kernel says.
Result<> write_sysfs_attribute(const std::string& path, std::string_view value);

}  // namespace assay::agent
