#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "evidence/base/bytes.h"
#include "evidence/base/result.h"

/// PCI configuration space (PCI Local Bus 3.0 chapter 6, PCI Express Base 5.0 chapter 7). Little-endian.
namespace assay::pci {

/// Deviations that are read over and reported.
enum class Quirk : std::uint8_t {
    capability_loop,     ///< the list of capabilities returns to where it was
    capability_outside,  ///< a pointer into the header or a capability that is cut by the end of the bytes
    extended_capability_loop,
    extended_capability_outside,
};
std::string_view to_string(Quirk quirk);

/// One capability of the list in configuration space; `offset` in bytes from its start.
struct Capability {
    std::uint16_t id = 0;
    std::uint16_t offset = 0;
    bool extended = false;
    bool operator==(const Capability&) const = default;
};

/// PCI Express capability (7.5.3).
struct Express {
    std::uint8_t port_type = 0;  ///< 0 endpoint, 4 root port, 5 upstream, 6 downstream, 7 bridge to PCI ...
    std::uint8_t max_link_speed = 0;  ///< 1: 2.5 GT/s, 2: 5, 3: 8, 4: 16, 5: 32, 6: 64; 0: no link
    std::uint8_t max_link_width = 0;  ///< lanes
    std::uint8_t link_speed = 0;      ///< negotiated
    std::uint8_t link_width = 0;
    std::optional<std::uint16_t> physical_slot;  ///< of a port that has a slot
};

struct Config {
    std::uint16_t vendor = 0;
    std::uint16_t device = 0;
    std::uint16_t subsystem_vendor = 0;  ///< 0 where the function gives none
    std::uint16_t subsystem_device = 0;
    std::uint32_t class_code = 0;  ///< 24 bits: base class, sub-class, programming interface
    std::uint8_t revision = 0;
    std::uint8_t header_type = 0;  ///< 0 function, 1 bridge, 2 CardBus bridge; without the multi-function bit
    bool multi_function = false;
    bool capabilities_visible = false;  ///< more than the 64 bytes that an unprivileged reader gets
    std::vector<Capability> capabilities;
    std::optional<Express> express;
    std::optional<std::uint64_t>
        serial_number;  ///< Device Serial Number extended capability (7.9.3), an EUI-64
    std::vector<Quirk> quirks;
};

/// 64 to 4,096 bytes as sysfs `config` gives them. `malformed` for less or for a header type that does not
/// exist, `not_found` where no function answers (vendor FFFFh), `limit` for more.
Result<Config> parse_config(ByteView bytes);

/// "8086:1572" in lower-case hex.
std::string id_text(std::uint16_t vendor, std::uint16_t device);

}  // namespace assay::pci
