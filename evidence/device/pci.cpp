#include "evidence/device/pci.h"

#include <set>

#include "evidence/base/byte_reader.h"
#include "evidence/base/hex.h"
#include "evidence/base/limits.h"

namespace assay::pci {
namespace {

// Header (PCI Local Bus 3.0, 6.1 and figure 6-1).
constexpr std::size_t kHeaderSize = 0x40;
constexpr std::size_t kLegacySpace = 0x100;
constexpr unsigned kStatusCapabilities = 1U << 4U;

// Capability ids (PCI Code and ID Assignment 1.11, chapters 2 and 3).
constexpr std::uint16_t kSubsystemIds = 0x0d;
constexpr std::uint16_t kPciExpress = 0x10;
constexpr std::uint16_t kDeviceSerialNumber = 0x0003;

class Space {
  public:
    explicit Space(ByteView bytes) : bytes_(bytes) {}
    [[nodiscard]] bool has(std::size_t at, std::size_t size) const {
        return at <= bytes_.size() && size <= bytes_.size() - at;
    }
    /// The caller has asked `has`.
    [[nodiscard]] std::uint32_t read(std::size_t at, std::size_t size) const {
        std::uint32_t value = 0;
        for (std::size_t i = size; i-- > 0;)
            value = (value << 8U) | std::to_integer<std::uint32_t>(bytes_[at + i]);
        return value;
    }
    [[nodiscard]] std::uint8_t u8(std::size_t at) const { return static_cast<std::uint8_t>(read(at, 1)); }
    [[nodiscard]] std::uint16_t u16(std::size_t at) const { return static_cast<std::uint16_t>(read(at, 2)); }
    [[nodiscard]] std::uint32_t u32(std::size_t at) const { return read(at, 4); }
    [[nodiscard]] std::size_t size() const { return bytes_.size(); }

  private:
    ByteView bytes_;
};

// PCI Local Bus 3.0, 6.7: a list of {id, next} whose pointers have their two low bits reserved.
void walk_capabilities(const Space& space, Config& config) {
    constexpr std::size_t kPointer = 0x34;
    constexpr std::size_t kCardBusPointer = 0x14;
    constexpr std::uint8_t kCardBus = 2;
    std::set<std::uint16_t> visited;
    const auto pointer = [&](std::size_t at) { return static_cast<std::uint16_t>(space.u8(at) & 0xfcU); };
    auto at = pointer(config.header_type == kCardBus ? kCardBusPointer : kPointer);
    while (at != 0) {
        if (at < kHeaderSize || !space.has(at, 2)) return config.quirks.push_back(Quirk::capability_outside);
        if (!visited.insert(at).second) return config.quirks.push_back(Quirk::capability_loop);
        config.capabilities.push_back({space.u8(at), at, false});
        at = pointer(at + 1U);
    }
}

// PCI Express Base 5.0, 7.6.3: the first header at 100h; id 0 there, or all ones, means that there is none.
void walk_extended(const Space& space, Config& config) {
    std::set<std::uint16_t> visited;
    std::uint16_t at = kLegacySpace;
    while (at != 0) {
        if (at < kLegacySpace || !space.has(at, 4)) {
            return config.quirks.push_back(Quirk::extended_capability_outside);
        }
        if (!visited.insert(at).second) return config.quirks.push_back(Quirk::extended_capability_loop);
        const auto header = space.u32(at);
        if (header == 0 || header == 0xffffffffU) return;
        config.capabilities.push_back({static_cast<std::uint16_t>(header), at, true});
        at = static_cast<std::uint16_t>((header >> 20U) & 0xffcU);
    }
}

void read_subsystem_ids(const Space& space, const Capability& capability, Config& config) {
    if (!space.has(capability.offset, 8)) return config.quirks.push_back(Quirk::capability_outside);
    config.subsystem_vendor = space.u16(capability.offset + 4U);  // PCI-to-PCI Bridge 1.2, 3.2.5.13
    config.subsystem_device = space.u16(capability.offset + 6U);
}

void read_express(const Space& space, const Capability& capability, Config& config) {
    const std::size_t at = capability.offset;
    if (!space.has(at, 0x14)) return config.quirks.push_back(Quirk::capability_outside);
    Express express;
    const auto flags = space.u16(at + 2);      // 7.5.3.2
    const auto link = space.u32(at + 0x0c);    // 7.5.3.6
    const auto status = space.u16(at + 0x12);  // 7.5.3.8
    express.port_type = (flags >> 4U) & 0xfU;
    express.max_link_speed = link & 0xfU;
    express.max_link_width = (link >> 4U) & 0x3fU;
    express.link_speed = status & 0xfU;
    express.link_width = (status >> 4U) & 0x3fU;
    const bool has_slot = (flags & (1U << 8U)) != 0;
    if (has_slot && space.has(at + 0x14, 4)) {  // 7.5.3.9: bits 19 to 31
        express.physical_slot = static_cast<std::uint16_t>(space.u32(at + 0x14) >> 19U);
    }
    config.express = express;
}

void read_serial_number(const Space& space, const Capability& capability, Config& config) {
    if (!space.has(capability.offset, 12)) return config.quirks.push_back(Quirk::extended_capability_outside);
    const std::uint64_t low = space.u32(capability.offset + 4U);  // 7.9.3
    const std::uint64_t high = space.u32(capability.offset + 8U);
    config.serial_number = (high << 32U) | low;
}

}  // namespace

std::string_view to_string(Quirk quirk) {
    switch (quirk) {
        case Quirk::capability_loop:
            return "capability_loop";
        case Quirk::capability_outside:
            return "capability_outside";
        case Quirk::extended_capability_loop:
            return "extended_capability_loop";
        case Quirk::extended_capability_outside:
            return "extended_capability_outside";
    }
    return "unknown";
}

Result<Config> parse_config(ByteView bytes) {
    if (bytes.size() < kHeaderSize)
        return fail(ErrorCode::truncated, "PCI configuration space: less than 64 bytes", 0);
    if (bytes.size() > limits::kPciConfig)
        return fail(ErrorCode::limit, "PCI configuration space: more than 4,096 bytes");
    const Space space(bytes);
    Config config;
    config.vendor = space.u16(0x00);
    if (config.vendor == 0xffff)
        return fail(ErrorCode::not_found, "PCI configuration space: no function answers", 0);
    config.device = space.u16(0x02);
    config.revision = space.u8(0x08);
    config.class_code = space.u32(0x08) >> 8U;
    config.header_type = space.u8(0x0e) & 0x7fU;
    config.multi_function = (space.u8(0x0e) & 0x80U) != 0;
    if (config.header_type > 2)
        return fail(ErrorCode::malformed, "PCI configuration space: unknown header type", 0x0e);
    if (config.header_type == 0) {
        config.subsystem_vendor = space.u16(0x2c);
        config.subsystem_device = space.u16(0x2e);
    }
    config.capabilities_visible = bytes.size() > kHeaderSize;
    if (!config.capabilities_visible) return config;
    if ((space.u16(0x06) & kStatusCapabilities) != 0) walk_capabilities(space, config);
    if (bytes.size() > kLegacySpace) walk_extended(space, config);
    for (const auto& capability : std::vector(config.capabilities)) {
        if (capability.extended && capability.id == kDeviceSerialNumber)
            read_serial_number(space, capability, config);
        if (capability.extended) continue;
        if (capability.id == kSubsystemIds && config.header_type == 1)
            read_subsystem_ids(space, capability, config);
        if (capability.id == kPciExpress) read_express(space, capability, config);
    }
    return config;
}

std::string id_text(std::uint16_t vendor, std::uint16_t device) {
    return hex4(vendor) + ':' + hex4(device);
}

}  // namespace assay::pci
