#pragma once

#include <string_view>

namespace assay::cli {

/// Which BMC shows a USB device with these ids (four hex digits, lower case); empty where none is known to.
/// An id proves nothing; it says which ports of an honest host are worth marking when a baseline is captured.
std::string_view bmc_of_usb_id(std::string_view vid, std::string_view pid);

}  // namespace assay::cli
