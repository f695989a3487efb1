// The typed views of structures: DSP0134 3.7 chapter 7. Offsets are those of the specification's tables.
#include <algorithm>
#include <array>

#include "evidence/base/hex.h"
#include "evidence/device/smbios.h"
#include "evidence/device/smbios_fields.h"

namespace assay::smbios {
namespace {

// The end of the variable part in a type 3: the SKU number stands behind the contained elements (7.4, offset
// 15h + n*m).
std::size_t chassis_sku_offset(const Structure& structure) {
    const std::size_t count = structure.u8(0x13).value_or(0);
    const std::size_t size = structure.u8(0x14).value_or(0);
    return 0x15 + count * size;
}

std::string uuid_text(ByteView raw, bool little_endian_fields) {
    std::array<std::byte, 16> bytes{};
    constexpr std::array<std::size_t, 16> kSwapped{3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
    for (std::size_t i = 0; i < bytes.size(); ++i)
        bytes.at(i) = raw[little_endian_fields ? kSwapped.at(i) : i];
    auto text = to_hex(bytes);
    for (const std::size_t at : {20U, 16U, 12U, 8U}) text.insert(at, "-");
    return text;
}

// 7.18, offsets 0Ch and 1Ch: megabytes, or kilobytes with the top bit set; 7FFFh sends to the extended size.
std::optional<std::uint64_t> memory_size(const Structure& structure) {
    constexpr std::uint64_t kKibi = 1024;
    const auto size = structure.u16(0x0c);
    if (!size || *size == 0xffff) return {};
    if (*size == 0x7fff) {
        const auto extended = structure.u32(0x1c);
        if (!extended) return {};
        return (*extended & 0x7fffffffU) * kKibi * kKibi;
    }
    const std::uint64_t amount = *size & 0x7fffU;
    return (*size & 0x8000U) != 0 ? amount * kKibi : amount * kKibi * kKibi;
}

// 7.5: a count of FFh in one byte sends to the two bytes that 3.0 added.
std::optional<std::uint16_t> count_of(const Structure& structure, std::size_t narrow, std::size_t wide) {
    const auto count = structure.u8(narrow);
    if (!count) return {};
    if (*count != 0xff) return *count;
    return structure.u16(wide);
}

}  // namespace

std::span<const std::uint8_t> string_fields(std::uint8_t type) {
    static constexpr std::array<std::uint8_t, 3> kBios{0x04, 0x05, 0x08};
    static constexpr std::array<std::uint8_t, 6> kSystem{0x04, 0x05, 0x06, 0x07, 0x19, 0x1a};
    static constexpr std::array<std::uint8_t, 5> kBoard{0x04, 0x05, 0x06, 0x07, 0x08};
    static constexpr std::array<std::uint8_t, 4> kEnclosure{0x04, 0x06, 0x07, 0x08};
    static constexpr std::array<std::uint8_t, 6> kCpu{0x04, 0x07, 0x10, 0x20, 0x21, 0x22};
    static constexpr std::array<std::uint8_t, 7> kMemory{0x10, 0x11, 0x17, 0x18, 0x19, 0x1a, 0x2b};
    static constexpr std::array<std::uint8_t, 6> kPower{0x05, 0x06, 0x07, 0x08, 0x0a, 0x0b};
    static constexpr std::array<std::uint8_t, 1> kTpm{0x12};
    static constexpr std::array<std::uint8_t, 6> kFirmware{0x04, 0x05, 0x07, 0x09, 0x0a, 0x0b};
    switch (type) {
        case kBiosInformation:
            return kBios;
        case kSystemInformation:
            return kSystem;
        case kBaseboard:
            return kBoard;
        case kChassis:
            return kEnclosure;
        case kProcessor:
            return kCpu;
        case kMemoryDevice:
            return kMemory;
        case kPowerSupply:
            return kPower;
        case kTpmDevice:
            return kTpm;
        case kFirmwareInventory:
            return kFirmware;
        default:
            return {};
    }
}

namespace {
template <typename T>
std::optional<T> little_endian(ByteView bytes, std::size_t at) {
    if (at + sizeof(T) > bytes.size()) return {};
    std::uint64_t value = 0;
    for (std::size_t i = sizeof(T); i-- > 0;)
        value = (value << 8U) | std::to_integer<std::uint64_t>(bytes[at + i]);
    return static_cast<T>(value);
}
}  // namespace

std::optional<std::uint8_t> Structure::u8(std::size_t at) const {
    return little_endian<std::uint8_t>(formatted, at);
}
std::optional<std::uint16_t> Structure::u16(std::size_t at) const {
    return little_endian<std::uint16_t>(formatted, at);
}
std::optional<std::uint32_t> Structure::u32(std::size_t at) const {
    return little_endian<std::uint32_t>(formatted, at);
}
std::optional<std::uint64_t> Structure::u64(std::size_t at) const {
    return little_endian<std::uint64_t>(formatted, at);
}

std::string_view Structure::string_at(std::size_t at) const {
    const std::size_t number = u8(at).value_or(0);
    return number == 0 || number > strings.size() ? std::string_view() : strings[number - 1];
}

BiosInformation bios_information(const Structure& s) {
    return {std::string(s.string_at(0x04)),
            std::string(s.string_at(0x05)),
            std::string(s.string_at(0x08)),
            s.u8(0x14),
            s.u8(0x15),
            s.u8(0x16),
            s.u8(0x17)};
}

SystemInformation system_information(const Structure& s, const std::optional<EntryPoint>& entry_point) {
    SystemInformation system{std::string(s.string_at(0x04)),
                             std::string(s.string_at(0x05)),
                             std::string(s.string_at(0x06)),
                             std::string(s.string_at(0x07)),
                             std::string(s.string_at(0x19)),
                             std::string(s.string_at(0x1a)),
                             {}};
    constexpr std::size_t kUuid = 0x08;
    if (s.formatted.size() < kUuid + 16) return system;
    const auto raw = s.formatted.subspan(kUuid, 16);
    const bool all_same = std::ranges::all_of(raw, [&](std::byte b) { return b == raw.front(); });
    const bool none = all_same && (raw.front() == std::byte{0} || raw.front() == std::byte{0xff});  // 7.2.1
    const bool old =
        entry_point && (entry_point->major < 2 || (entry_point->major == 2 && entry_point->minor < 6));
    if (!none) system.uuid = uuid_text(raw, !old);
    return system;
}

Baseboard baseboard(const Structure& s) {
    return {std::string(s.string_at(0x04)), std::string(s.string_at(0x05)), std::string(s.string_at(0x06)),
            std::string(s.string_at(0x07)), std::string(s.string_at(0x08))};
}

Chassis chassis(const Structure& s) {
    Chassis chassis{std::string(s.string_at(0x04)),
                    std::string(s.string_at(0x06)),
                    std::string(s.string_at(0x07)),
                    std::string(s.string_at(0x08)),
                    std::string(s.string_at(chassis_sku_offset(s))),
                    {}};
    if (const auto type = s.u8(0x05)) chassis.type = static_cast<std::uint8_t>(*type & 0x7fU);
    return chassis;
}

Processor processor(const Structure& s) {
    return {std::string(s.string_at(0x04)),
            std::string(s.string_at(0x07)),
            std::string(s.string_at(0x10)),
            std::string(s.string_at(0x20)),
            std::string(s.string_at(0x21)),
            std::string(s.string_at(0x22)),
            s.u64(0x08),
            s.u8(0x18),
            count_of(s, 0x23, 0x2a),
            count_of(s, 0x25, 0x2e)};
}

MemoryDevice memory_device(const Structure& s) {
    MemoryDevice memory;
    memory.device_locator = s.string_at(0x10);
    memory.bank_locator = s.string_at(0x11);
    memory.manufacturer = s.string_at(0x17);
    memory.serial = s.string_at(0x18);
    memory.asset_tag = s.string_at(0x19);
    memory.part_number = s.string_at(0x1a);
    memory.firmware_version = s.string_at(0x2b);
    memory.size_bytes = memory_size(s);
    memory.memory_type = s.u8(0x12);
    memory.speed_mts = s.u16(0x15);
    memory.module_manufacturer_id = s.u16(0x2c);
    memory.module_product_id = s.u16(0x2e);
    memory.controller_manufacturer_id = s.u16(0x30);
    memory.controller_product_id = s.u16(0x32);
    memory.pmic0_manufacturer_id = s.u16(0x5c);
    memory.rcd_manufacturer_id = s.u16(0x60);
    return memory;
}

TpmDevice tpm_device(const Structure& s) {
    TpmDevice tpm;
    if (s.formatted.size() >= 8) {
        const auto id = as_text(s.formatted.subspan(4, 4));
        tpm.vendor_id = id.substr(0, id.find('\0'));
    }
    tpm.major_spec = s.u8(0x08);
    tpm.minor_spec = s.u8(0x09);
    tpm.firmware_version_1 = s.u32(0x0a);
    tpm.firmware_version_2 = s.u32(0x0e);
    tpm.description = s.string_at(0x12);
    return tpm;
}

FirmwareInventory firmware_inventory(const Structure& s) {
    FirmwareInventory firmware;
    firmware.component = s.string_at(0x04);
    firmware.version = s.string_at(0x05);
    firmware.version_format = s.u8(0x06);
    firmware.id = s.string_at(0x07);
    firmware.id_format = s.u8(0x08);
    firmware.release_date = s.string_at(0x09);
    firmware.manufacturer = s.string_at(0x0a);
    firmware.lowest_supported_version = s.string_at(0x0b);
    firmware.state = s.u8(0x16);
    return firmware;
}

}  // namespace assay::smbios
