#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "evidence/base/result.h"

namespace assay::agent {

/// What the kernel still tells of a USB device that it announced (CONFIG_USB_ANNOUNCE_NEW_DEVICES;
/// drivers/usb/core/hub.c).
struct UsbTrace {
    std::uint64_t at_ms =
        0;  ///< CLOCK_BOOTTIME as nearly as the log has it: its own clock stands still in suspend
    std::string port_path;  ///< "1-4"
    std::uint64_t devnum = 0;
    std::string vendor,
        product;  ///< "0951", "1666": idVendor and idProduct; empty where they were not announced
    std::string manufacturer, name, serial;
    bool operator==(const UsbTrace&) const = default;
};

/// The devices that were announced after `since_ms`, from records as /dev/kmsg gives them
/// ("6,1234,98765432,-;text"). What is no such record is passed over. At most 1024.
std::vector<UsbTrace> usb_traces(const std::vector<std::string>& records, std::uint64_t since_ms);

/// All that /dev/kmsg has now, at most 65,536 records. `refused` without CAP_SYSLOG where
/// kernel.dmesg_restrict is set.
Result<std::vector<std::string>> read_kernel_log();

}  // namespace assay::agent
