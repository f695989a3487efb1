#pragma once

#include <cstdint>
#include <string_view>

#include "agent/devices/host/host.h"

/// The parts of RealHost that are not files.
namespace assay::agent {

/// ETHTOOL_GDRVINFO and ETHTOOL_GPERMADDR; `not_found` where the interface has neither.
Result<DriverInfo> ethtool_driver_info(std::string_view interface);

/// Get Device ID (IPMI 2.0, 20.1) to the BMC through /dev/ipmi0; waits at most 5 s. `refused` where the BMC
/// answers with another completion code than 00.
Result<Bytes> ipmi_get_device_id();

/// GET_DESCRIPTOR for the device and each configuration (USB 2.0, 9.4.3), in the layout of sysfs's
/// `descriptors` file.
Result<Bytes> libusb_descriptors(std::uint8_t bus, std::uint8_t devnum);

}  // namespace assay::agent
