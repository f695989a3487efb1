#pragma once

#include <string>
#include <vector>

#include "evidence/device/usb_descriptor.h"

namespace assay::usb {

/// Devices that somebody let in beforehand: every field that is set must agree. One that sets none allows
/// every device.
struct Rule {
    std::string vid, pid;  ///< four hex digits, lower case
    std::string serial;    ///< met only by a device whose serial has grade A: others name no device
    std::string digest;    ///< SHA-256 of all its descriptors, 64 hex digits
    std::string kind;      ///< one of kKinds: its interfaces are of this kind alone, hubs aside
    bool operator==(const Rule&) const = default;
};

/// `device` with its raw `descriptors`, and its serial as it claims it.
bool allows(const Rule& rule, const Device& device, ByteView descriptors, std::string_view serial);

/// "vid 0951, pid 1666"; "any device" for one that sets none. Texts are printable.
std::string to_string(const Rule& rule);

/// `malformed` with the field and what it should be.
Result<> check(const Rule& rule);

}  // namespace assay::usb
