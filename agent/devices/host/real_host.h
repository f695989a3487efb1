#pragma once

#include <memory>

#include "agent/devices/host/host.h"

namespace assay {

/// The machine itself: sysfs and procfs files, libudev's enumeration (or /sys/bus and /sys/class where
/// libudev gives nothing), ethtool's ioctls, /dev/ipmi0 with a time-out of 5 s, libusb's control transfers,
/// the kernel's clocks. Keeps no state and no open file between calls; every call may be made from any
/// thread.
std::unique_ptr<Host> make_real_host();

}  // namespace assay
