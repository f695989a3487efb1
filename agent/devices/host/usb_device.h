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

}  // namespace assay::agent
