#pragma once

#include <string_view>

namespace assay {

/// "usb1": the hub that a bus begins with, which is the host controller itself.
inline bool is_root_hub(std::string_view port_path) {
    return port_path.starts_with("usb");
}

}  // namespace assay
