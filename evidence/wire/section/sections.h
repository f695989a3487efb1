#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "evidence/base/bytes.h"
#include "evidence/base/digest.h"
#include "evidence/base/result.h"

/// The payloads of those sections that are not one raw firmware table. The agent writes down what the machine
/// says and judges nothing: ids and tables stay raw, parsing is the verifier's. Text is UTF-8 here; bytes of
/// a device's string that are not are given as \xNN by the collector. Each has encode_* (deterministic CBOR)
/// and decode_* (bounded; unknown keys refused). Byte layout and limits: docs/formats/evidence.md.
namespace assay {

/// SMBIOS: the entry point structure and the table, both raw, as /sys/firmware/dmi/tables gives them.
struct SmbiosSection {
    Bytes entry_point;
    Bytes table;
    bool operator==(const SmbiosSection&) const = default;
};

struct PciFunction {
    std::string address;     ///< "0000:3b:00.0"
    Bytes config;            ///< configuration space as read: 64 bytes at least, 256 or 4096 with privilege
    std::string slot;        ///< physical slot's label, empty if none is known
    std::string driver;      ///< bound kernel driver, empty if none
    std::string link_speed;  ///< as sysfs says it, "16.0 GT/s PCIe"; empty if none
    std::string link_width;  ///< "8"
    bool operator==(const PciFunction&) const = default;
};

struct Drive {
    std::string name;    ///< kernel name: "nvme0", "sda"
    std::string bus;     ///< "nvme", "scsi", "ata", "usb", "virtio", "mmc", "other"
    std::string model;   ///< as the device gives it, blanks trimmed
    std::string vendor;  ///< SCSI INQUIRY vendor, empty for NVMe
    std::string serial;
    std::string firmware;  ///< NVMe firmware_rev, SCSI rev
    std::string wwid;      ///< "nvme.8086-...", "naa.5000...", "eui...."
    std::string location;  ///< PCI address or SCSI host:channel:target:lun, and slot if known
    std::uint64_t size_bytes = 0;
    bool removable = false;
    bool operator==(const Drive&) const = default;
};

struct NetworkInterface {
    std::string name;
    std::array<std::byte, 6> mac{};            ///< the current address
    std::array<std::byte, 6> permanent_mac{};  ///< ETHTOOL_GPERMADDR; all zero if the driver gives none
    std::string driver;
    std::string firmware_version;  ///< ethtool or devlink; empty if the driver gives none
    std::string pci_address;       ///< empty for one that is on no PCI function
    bool operator==(const NetworkInterface&) const = default;
};

struct CpuSection {
    std::string vendor;  ///< "GenuineIntel"
    std::string model_name;
    std::uint64_t family = 0;
    std::uint64_t model = 0;
    std::uint64_t stepping = 0;
    std::uint64_t microcode = 0;     ///< revision of the first logical CPU; 0 if not shown
    bool microcode_differs = false;  ///< logical CPUs with different revisions
    std::uint64_t packages = 0;
    std::uint64_t logical_cpus = 0;
    bool operator==(const CpuSection&) const = default;
};

struct BmcSection {
    Bytes device_id;  ///< the response data of IPMI Get Device ID after the completion code
                      ///< (IPMI 2.0, 20.1), 11..15 bytes
    bool operator==(const BmcSection&) const = default;
};

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

/// A USB device that is there at the time of collection, or was at the time of a journal record.
struct UsbDevice {
    std::string port_path;   ///< "1-4.2": bus, then ports
    std::string controller;  ///< PCI address of the host controller, empty if it is on none
    std::uint64_t devnum = 0;
    Bytes descriptors;  ///< the whole `descriptors` file: device descriptor, then each configuration, raw
    std::string manufacturer;
    std::string product;
    std::string serial;
    bool authorized = true;
    std::string removable;             ///< "removable", "fixed", "unknown"
    std::vector<std::string> drivers;  ///< bound interface drivers, by interface number
    bool operator==(const UsbDevice&) const = default;
};

struct IntrusionSensor {
    std::string name;  ///< hwmon chip and attribute: "nct6779/intrusion0_alarm"
    bool alarm = false;
    bool operator==(const IntrusionSensor&) const = default;
};

struct KernelSection {
    std::string release;
    std::string version;
    std::string machine;
    std::string command_line;
    std::string boot_id;
    std::string os_release;  ///< PRETTY_NAME
    bool operator==(const KernelSection&) const = default;
};

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

/// PCR values as read with the quote; worth something only when their digest is the quoted one.
using PcrSection = std::map<HashAlgorithm, std::map<std::uint32_t, Digest>>;

/// Wall clocks are claims.
struct ClockSection {
    std::int64_t wall_ms = 0;       ///< Unix time, milliseconds
    std::uint64_t boottime_ms = 0;  ///< CLOCK_BOOTTIME
    bool synchronised = false;      ///< the kernel says that a time source disciplines its clock (adjtimex)
    bool operator==(const ClockSection&) const = default;
};

/// What could not be read, and why: in the evidence, so that nothing is silently absent.
struct Gap {
    std::string section;  ///< the section that lacks it
    std::string source;   ///< path or call
    std::string code;     ///< ErrorCode's name: "refused", "not_found", "io", ...
    std::string reason;   ///< for a person
    bool operator==(const Gap&) const = default;
};

Bytes encode_smbios_section(const SmbiosSection&);
Result<SmbiosSection> decode_smbios_section(ByteView);
Bytes encode_pci_section(const std::vector<PciFunction>&);
Result<std::vector<PciFunction>> decode_pci_section(ByteView);
Bytes encode_storage_section(const std::vector<Drive>&);
Result<std::vector<Drive>> decode_storage_section(ByteView);
Bytes encode_network_section(const std::vector<NetworkInterface>&);
Result<std::vector<NetworkInterface>> decode_network_section(ByteView);
Bytes encode_cpu_section(const CpuSection&);
Result<CpuSection> decode_cpu_section(ByteView);
Bytes encode_bmc_section(const BmcSection&);
Result<BmcSection> decode_bmc_section(ByteView);
Bytes encode_esrt_section(const std::vector<EsrtEntry>&);
Result<std::vector<EsrtEntry>> decode_esrt_section(ByteView);
Bytes encode_usb_section(const std::vector<UsbDevice>&);
Result<std::vector<UsbDevice>> decode_usb_section(ByteView);
Bytes encode_chassis_section(const std::vector<IntrusionSensor>&);
Result<std::vector<IntrusionSensor>> decode_chassis_section(ByteView);
Bytes encode_kernel_section(const KernelSection&);
Result<KernelSection> decode_kernel_section(ByteView);
Bytes encode_tpm_section(const TpmSection&);
Result<TpmSection> decode_tpm_section(ByteView);
Bytes encode_pcr_section(const PcrSection&);
Result<PcrSection> decode_pcr_section(ByteView);
Bytes encode_clock_section(const ClockSection&);
Result<ClockSection> decode_clock_section(ByteView);
Bytes encode_gaps_section(const std::vector<Gap>&);
Result<std::vector<Gap>> decode_gaps_section(ByteView);

}  // namespace assay
