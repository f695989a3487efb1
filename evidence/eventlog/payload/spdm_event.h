#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "evidence/base/bytes.h"
#include "evidence/base/result.h"
#include "evidence/eventlog/payload/device_path.h"

namespace assay::tcg {

/// Whose measurement it is. (PFP 1.06, 10.2.8: DEVICE_TYPE)
struct SpdmPciContext {
    std::uint16_t vendor = 0;
    std::uint16_t device = 0;
    std::uint8_t revision = 0;
    std::uint32_t class_code = 0;  ///< 24 bits
    std::uint16_t subsystem_vendor = 0;
    std::uint16_t subsystem = 0;
};

/// One SPDM measurement block (DMTF DSP0274, MEASUREMENTS response). Borrowed.
struct SpdmMeasurement {
    std::uint8_t index = 0;
    std::uint8_t value_type = 0;  ///< DMTFSpecMeasurementValueType: bit 7 raw bytes, else a digest
    ByteView value;
};

/// SPDM's word for what the firmware found when it authenticated the device. Values as on the wire.
enum class SpdmAuthState : std::uint8_t {
    success = 0,
    no_auth = 1,
    no_binding = 2,
    fail_no_signature = 3,
    fail_invalid = 4,
    no_spdm = 0xff,
};

/// TCG_DEVICE_SECURITY_EVENT_DATA of EV_EFI_SPDM_FIRMWARE_BLOB and _CONFIG, versions 1 and 2 (PFP 1.06,
/// 10.2.8).
struct SpdmEvent {
    std::uint16_t version = 0;         ///< 1 or 2
    std::uint8_t auth_state = 0;       ///< SpdmAuthState, or another number; version 1 says nothing: 0
    std::uint32_t device_type = 0;     ///< 0 none, 1 PCI, 2 USB
    std::uint64_t sub_header_uid = 0;  ///< version 2: binds events of one device together
    std::uint32_t hash_algorithm = 0;  ///< SPDM's MeasurementHashAlgo bit
    DevicePath path;
    std::vector<SpdmMeasurement> measurements;
    ByteView certificate_chain;  ///< SPDM_CERT_CHAIN, where the sub header is of that type
    std::optional<SpdmPciContext> pci;
    ByteView device_context;  ///< as it stands
};

/// Little-endian. Errors carry the offset: `malformed` for another signature, version or sub header type, and
/// for sizes that contradict each other; `truncated`. Firmware writes Length by two readings of the
/// specification, so that field is not judged.
Result<SpdmEvent> parse_spdm_event(ByteView data);

}  // namespace assay::tcg
