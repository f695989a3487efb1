#pragma once

#include <cstdint>
#include <string>

#include "evidence/base/limits.h"
#include "evidence/codec/fields.h"

/// Sections about firmware, and what it reports: sections.h.
namespace assay {

/// SMBIOS: the entry point structure and the table, both raw, as /sys/firmware/dmi/tables gives them.
struct SmbiosSection {
    Bytes entry_point;
    Bytes table;
    bool operator==(const SmbiosSection&) const = default;
};
namespace wire {
inline constexpr auto kSmbios =
    record(field("table", &SmbiosSection::table, Blob{0, limits::kSmbiosTable}),
           field("entry_point", &SmbiosSection::entry_point, Blob{0, limits::kSmbiosEntryPoint}));
}  // namespace wire

struct BmcSection {
    Bytes device_id;  ///< the response data of IPMI Get Device ID after the completion code
                      ///< (IPMI 2.0, 20.1), 11..15 bytes
    bool operator==(const BmcSection&) const = default;
};
namespace wire {
// IPMI 2.0, 20.1: eleven bytes after the completion code, then four of auxiliary firmware revision that may
// be absent.
inline constexpr auto kBmc = record(field("device_id", &BmcSection::device_id, Blob{11, 15}));
}  // namespace wire

struct EsrtEntry {
    std::string fw_class;  ///< GUID in text form
    std::uint64_t fw_type = 0;
    std::uint64_t fw_version = 0;
    std::uint64_t lowest_supported_fw_version = 0;
    std::uint64_t capsule_flags = 0;
    std::uint64_t last_attempt_version = 0;
    std::uint64_t last_attempt_status = 0;
    bool operator==(const EsrtEntry&) const = default;
};
namespace wire {
inline constexpr Unsigned kU32{0xffffffff};  // UEFI 2.10, 23.4: all numbers of an ESRT entry are UINT32
inline constexpr List kEsrt{
    record(field("fw_type", &EsrtEntry::fw_type, kU32), field("fw_class", &EsrtEntry::fw_class, Text{}),
           field("fw_version", &EsrtEntry::fw_version, kU32),
           field("capsule_flags", &EsrtEntry::capsule_flags, kU32),
           field("last_attempt_status", &EsrtEntry::last_attempt_status, kU32),
           field("last_attempt_version", &EsrtEntry::last_attempt_version, kU32),
           field("lowest_supported_fw_version", &EsrtEntry::lowest_supported_fw_version, kU32)),
    limits::kEsrtEntries};
}  // namespace wire

/// The TPM's own word about itself, from TPM2_GetCapability: claims, not proof.
struct TpmSection {
    std::string manufacturer;  ///< TPM2_PT_MANUFACTURER as text: "IFX", "IBM", "SW"
    std::string vendor_string;
    std::uint64_t firmware_version_1 = 0;
    std::uint64_t firmware_version_2 = 0;
    std::string family;          ///< "2.0"
    std::uint64_t revision = 0;  ///< specification revision times 100
    bool operator==(const TpmSection&) const = default;
};
namespace wire {
inline constexpr auto kTpm =
    record(field("family", &TpmSection::family, Text{}), field("revision", &TpmSection::revision, Unsigned{}),
           field("manufacturer", &TpmSection::manufacturer, Text{}),
           field("vendor_string", &TpmSection::vendor_string, Text{}),
           field("firmware_version_1", &TpmSection::firmware_version_1, Unsigned{}),
           field("firmware_version_2", &TpmSection::firmware_version_2, Unsigned{}));
}  // namespace wire

}  // namespace assay
