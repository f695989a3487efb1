#pragma once

#include <functional>
#include <string_view>

#include "agent/devices/host/host.h"
#include "evidence/wire/section/sections.h"

namespace assay::agent {

/// The device at a sysfs path ("/sys/devices/pci0000:00/0000:00:03.0/usb1/1-2"), for the collector and for
/// the journal. Descriptors come from sysfs or, where that cannot be read, through libusb. What cannot be
/// read is left empty and told to `missing(source, error)`; strings that a device simply does not have are
/// not told. An error only where not even the device's numbers can be read: it is gone.
Result<UsbDevice> read_usb_device(
    Host& host, std::string_view sysfs_path,
    const std::function<void(std::string_view source, const Error& error)>& missing = {});

/// The USB device through which what stands at this sysfs path is reached: the nearest above it that has a
/// device number, which interfaces, hosts and disks do not have, whatever configuration it is in. Not the hub
/// before it. Empty where there is none.
std::string usb_device_above(Host& host, std::string_view sysfs_path);

}  // namespace assay::agent
