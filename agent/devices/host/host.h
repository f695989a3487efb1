#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "evidence/base/bytes.h"
#include "evidence/base/result.h"

namespace assay::agent {

/// What the network driver says of itself, by ETHTOOL_GDRVINFO and ETHTOOL_GPERMADDR.
struct DriverInfo {
    std::string driver;
    std::string firmware_version;
    Bytes permanent_address;  ///< 6 bytes, or empty
    bool operator==(const DriverInfo&) const = default;
};

/// CLOCK_REALTIME and CLOCK_BOOTTIME in milliseconds, and whether a time source disciplines the clock.
struct HostClock {
    std::int64_t wall_ms = 0;
    std::uint64_t boottime_ms = 0;
    bool synchronised = false;
    bool operator==(const HostClock&) const = default;
};

/// The smallest interface behind which the machine stands. Two implementations: the machine itself (RealHost)
/// and a folder that was recorded from one (RecordedHost). Paths are absolute, as on the machine. Every call
/// may be refused; the error's code says why (`not_found`, `refused`, `io`, `limit`), and a collector turns
/// it into a gap.
class Host {
  public:
    virtual ~Host() = default;

    /// The whole file, at most `limit` bytes; `limit` as an error where it is larger.
    virtual Result<Bytes> read(std::string_view path, std::size_t limit) = 0;
    /// The file from byte `offset` on, at most `limit` bytes; nothing where it ends before.
    virtual Result<Bytes> read_from(std::string_view path, std::size_t offset, std::size_t limit) {
        auto whole = read(path, limit + offset);
        if (whole)
            whole->erase(whole->begin(),
                         whole->begin() + static_cast<std::ptrdiff_t>(std::min(offset, whole->size())));
        return whole;
    }
    /// Names in a directory, ascending bytewise, without "." and "..".
    virtual Result<std::vector<std::string>> list(std::string_view path) = 0;
    /// The last component of a symbolic link's target: a device's driver or subsystem.
    virtual Result<std::string> link_name(std::string_view path) = 0;
    /// The canonical absolute path: where a class device sits in the device tree.
    virtual Result<std::string> resolve(std::string_view path) = 0;
    /// sysfs paths of the devices of a subsystem ("usb", "pci", "nvme", "block", "net"), ascending (libudev's
    /// enumeration).
    virtual Result<std::vector<std::string>> devices(std::string_view subsystem) = 0;
    virtual Result<DriverInfo> driver_info(std::string_view interface) = 0;
    /// IPMI Get Device ID through /dev/ipmi0: response data after the completion code.
    virtual Result<Bytes> ipmi_device_id() = 0;
    /// All descriptors of the USB device at bus/devnum through libusb, for where sysfs's file cannot be read.
    virtual Result<Bytes> usb_descriptors(std::uint8_t bus, std::uint8_t devnum) = 0;
    virtual Result<HostClock> clock() = 0;
};

}  // namespace assay::agent
