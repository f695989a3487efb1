#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "evidence/base/bytes.h"
#include "evidence/base/result.h"

namespace assay::bmc {

/// The response data of IPMI Get Device ID (IPMI 2.0, 20.1) after the completion code. The BMC's own word.
struct DeviceId {
    std::uint8_t device_id = 0;
    std::uint8_t device_revision = 0;  ///< 0-15
    bool provides_sdrs = false;
    bool update_in_progress = false;  ///< or another state in which the device is not available
    std::uint8_t firmware_major = 0;  ///< 0-127, binary
    std::uint8_t firmware_minor = 0;  ///< as sent: two BCD digits
    std::uint8_t ipmi_version = 0;    ///< as sent, BCD with the digits swapped: 02h is 2.0
    std::uint8_t additional_support = 0;
    std::uint32_t manufacturer = 0;  ///< IANA enterprise number, 20 bits
    std::uint16_t product = 0;
    std::optional<std::uint32_t> auxiliary_firmware;  ///< four bytes, the first sent in the top byte
    bool operator==(const DeviceId&) const = default;

    /// "1.72": major in decimal, minor as its BCD digits; digits above 9 are shown in hex.
    [[nodiscard]] std::string firmware_version() const;
};

/// 11 to 15 bytes: 11, or 15 with the auxiliary firmware revision. `malformed` for other sizes and for a
/// manufacturer with bits above the twentieth.
Result<DeviceId> parse_device_id(ByteView bytes);

}  // namespace assay::bmc
