#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>

#include "agent/devices/host/host.h"

/// PCI configuration space beyond its first 64 bytes, which the kernel gives to CAP_SYS_ADMIN alone: a unit
/// of its own reads it for the service and leaves it in a file.
namespace assay::agent {

inline constexpr std::string_view kPciSpacesFile = "/run/assay-agent-pci/spaces";
/// The unit's timer reads anew each hour, and udev has it read when a function comes.
inline constexpr std::chrono::hours kPciSpacesAge{3};

struct PciSpaces {
    std::string boot_id;                                  ///< of the boot in which they were read
    std::uint64_t boottime_ms = 0;                        ///< CLOCK_BOOTTIME when they were read
    std::map<std::string, Bytes, std::less<>> functions;  ///< by address: 65 to 4096 bytes
    bool operator==(const PciSpaces&) const = default;
};

/// CBOR: {"pci": the section pci of these functions, "boot_id", "boottime_ms"}.
Bytes encode_pci_spaces(const PciSpaces& spaces);
Result<PciSpaces> decode_pci_spaces(ByteView document);

/// Reads every function. `refused` where the kernel gives this process the first 64 bytes only.
Result<PciSpaces> read_pci_spaces(Host& host);

struct LoadedPciSpaces {
    PciSpaces spaces;
    std::chrono::seconds age{0};
};
/// The file, where it is of this boot and no older than kPciSpacesAge; else the error says what to do.
Result<LoadedPciSpaces> load_pci_spaces(Host& host);

/// `header`, as it is now, and behind it what was read of the function at `address`. `not_found` where that
/// one was not there then, `conflict` where it was another: its ids, class or subsystem differ.
Result<Bytes> whole_space(const PciSpaces& spaces, const std::string& address, const Bytes& header);

}  // namespace assay::agent
