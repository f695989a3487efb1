#include "cli/reference/bmc_usb_ids.h"

#include <algorithm>
#include <array>

namespace assay::cli {
namespace {

struct KnownId {
    std::string_view vid, pid, bmc;
};

// usb.ids 2026.06.26; those that it lacks from reports of hosts that have them (systemd#40006,
// memtest86plus#179).
constexpr std::array kKnown{
    KnownId{"03f0", "1027", "HPE iLO"},
    KnownId{"03f0", "1227", "HPE iLO"},
    KnownId{"03f0", "1327", "HPE iLO"},
    KnownId{"03f0", "7029", "HPE iLO"},
    KnownId{"046b", "ff10", "AMI MegaRAC"},
    KnownId{"046b", "ff20", "AMI MegaRAC"},
    KnownId{"046b", "ffb0", "AMI MegaRAC"},
    KnownId{"0557", "2221", "ATEN/Winbond Hermon"},
    KnownId{"0557", "2419", "ATEN/Winbond Hermon"},
    KnownId{"0557", "7000", "ATEN/Winbond Hermon"},
    KnownId{"0624", "0248", "Dell iDRAC"},
    KnownId{"0624", "0249", "Dell iDRAC"},
    KnownId{"0624", "0251", "Dell iDRAC"},
    KnownId{"0624", "0252", "Dell iDRAC"},
    KnownId{"0624", "0402", "Cisco CIMC"},
    KnownId{"0624", "0403", "Cisco CIMC"},
    KnownId{"0b1f", "b000", "Insyde BMC"},
    KnownId{"0b1f", "b003", "Insyde BMC"},
    KnownId{"413c", "a001", "Dell iDRAC"},
    KnownId{"413c", "a101", "Dell iDRAC"},
    KnownId{"413c", "a102", "Dell iDRAC"},
};

}  // namespace

std::string_view bmc_of_usb_id(std::string_view vid, std::string_view pid) {
    const auto found = std::ranges::find_if(
        kKnown, [&](const KnownId& known) { return known.vid == vid && known.pid == pid; });
    return found == kKnown.end() ? std::string_view() : found->bmc;
}

}  // namespace assay::cli
