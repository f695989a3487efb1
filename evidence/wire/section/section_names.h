#pragma once

#include <string_view>

/// The names of evidence sections, as they stand in the manifest. docs/formats/evidence.md lists what each
/// one holds.
namespace assay::section {

inline constexpr std::string_view kBootEventLog = "boot-event-log";  ///< raw binary_bios_measurements
inline constexpr std::string_view kImaLog = "ima-log";               ///< raw binary_runtime_measurements
inline constexpr std::string_view kImaLogPart = "ima-log-part";      ///< ImaPart, instead of ima-log
inline constexpr std::string_view kSmbios = "smbios";                ///< SmbiosSection
inline constexpr std::string_view kPci = "pci";
inline constexpr std::string_view kStorage = "storage";
inline constexpr std::string_view kNetwork = "network";
inline constexpr std::string_view kCpu = "cpu";
inline constexpr std::string_view kBmc = "bmc";
inline constexpr std::string_view kEsrt = "esrt";
inline constexpr std::string_view kUsb = "usb";
inline constexpr std::string_view kChassis = "chassis";
inline constexpr std::string_view kKernel = "kernel";
inline constexpr std::string_view kTpm = "tpm";
inline constexpr std::string_view kPcrs = "pcrs";
inline constexpr std::string_view kClock = "clock";
inline constexpr std::string_view kJournal = "journal";
inline constexpr std::string_view kGaps = "gaps";

}  // namespace assay::section
