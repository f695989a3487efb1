#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "evidence/base/bytes.h"
#include "evidence/base/result.h"

/// The identity of drives.
namespace assay::drive {

/// Blanks and NULs removed at both ends, runs of blanks inside made one: NVMe, ATA and SCSI pad fixed fields,
/// and kernels differ in what they strip.
std::string normalised(std::string_view field);

/// Who assigned a world-wide id.
struct WwidVendor {
    enum class Kind : std::uint8_t {
        pci,  ///< PCI vendor id: the sysfs form "nvme.<vid>-...", 16 bits
        oui,  ///< IEEE OUI, 24 bits: "naa.5...", "naa.6...", "naa.2...", "eui...."
        t10,  ///< T10 vendor identification, eight characters: "t10...."
    };
    Kind kind = Kind::oui;
    std::uint32_t id = 0;  ///< for pci and oui
    std::string t10;       ///< for t10, trimmed
    bool operator==(const WwidVendor&) const = default;
};

/// From a wwid as sysfs gives it. `malformed` for a form that is none of these, `unsupported` for a NAA
/// format that names no one (locally assigned, 3).
Result<WwidVendor> wwid_vendor(std::string_view wwid);

/// The fields of the NVMe Identify Controller data (NVM Express Base 2.0, figure 275) that name the drive.
struct NvmeController {
    std::uint16_t pci_vendor = 0;            ///< bytes 0-1
    std::uint16_t pci_subsystem_vendor = 0;  ///< bytes 2-3
    std::string serial;                      ///< bytes 4-23, trimmed
    std::string model;                       ///< bytes 24-63, trimmed
    std::string firmware;                    ///< bytes 64-71, trimmed
    std::uint32_t oui = 0;                   ///< bytes 73-75, little-endian
    bool operator==(const NvmeController&) const = default;
};
/// Exactly 4,096 bytes.
Result<NvmeController> parse_nvme_identify_controller(ByteView bytes);

}  // namespace assay::drive
