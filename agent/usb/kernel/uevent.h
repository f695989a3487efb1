#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "evidence/base/bytes.h"
#include "evidence/base/result.h"

namespace assay::agent {

inline constexpr std::string_view kSys = "/sys";  ///< a devpath is below it

/// One kernel uevent, as lib/kobject_uevent.c of Linux sends it to group 1 of NETLINK_KOBJECT_UEVENT:
/// "action@devpath" NUL, then "KEY=value" NUL for each key. Keys that the monitor does not use are checked
/// and dropped.
struct Uevent {
    std::string action;          ///< "add", "bind", "remove", "change", ...
    std::string devpath;         ///< below /sys: "/devices/pci0000:00/0000:00:14.0/usb1/1-4"
    std::string subsystem;       ///< "usb"
    std::string devtype;         ///< "usb_device"; empty where there is none
    std::uint64_t sequence = 0;  ///< SEQNUM
    std::uint64_t devnum = 0;    ///< DEVNUM of a USB device, 0 if there is none
    bool synthetic = false;  ///< asked for by writing to a `uevent` file (SYNTH_UUID): nothing came or went

    bool operator==(const Uevent&) const = default;
};

inline constexpr std::size_t kMaxUevent =
    8192;  ///< bytes of a datagram (the kernel's own environment is at most 2048 + header)

/// Refuses what udevd sends to its own group (`unsupported`), keys given twice, a header that differs from
/// ACTION and DEVPATH, a DEVPATH that could lead out of /sys, and anything without ACTION, DEVPATH, SUBSYSTEM
/// and SEQNUM.
Result<Uevent> parse_uevent(ByteView datagram);

}  // namespace assay::agent
