#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "evidence/base/bytes.h"
#include "evidence/base/result.h"

/// SMBIOS tables (DMTF DSP0134 3.7): entry point, walk, structures. Little-endian throughout. What a firmware
/// writes here is its own claim. Everything borrows from the bytes that were parsed.
namespace assay::smbios {

/// Deviations that real tables show and that are read over; each is reported where it was seen.
enum class Quirk : std::uint8_t {
    table_address_outside_dump,  ///< a dump file kept the physical address: its table is taken from offset
                                 ///< 20h
    entry_point_length_1e,     ///< a 2.x entry point that calls itself 1Eh bytes long (DSP0134 5.2.1, the 2.1
                               ///< erratum)
    no_end_of_table,           ///< the table ends without a structure of type 127
    end_of_table_cut,          ///< the end-of-table structure lacks its terminating null bytes
    bytes_after_end_of_table,  ///< something stands behind the end-of-table structure
    structure_count_differs,   ///< the 2.x entry point counts otherwise
    table_size_differs,        ///< the 2.x entry point gives another length, or 3.x a smaller maximum
    structure_length_below_4,  ///< a later structure is shorter than its header: the walk stops there, as the
                               ///< kernel's does. Not whole
    structure_cut,             ///< the table ends inside a later structure, which is left out. Not whole
    fill_after_last_structure,  ///< no end-of-table structure, but 0x00 or 0xff up to the end
    string_index_beyond_set,    ///< a string is referred to that its structure does not have
    handle_twice,               ///< two structures have one handle
};
std::string_view to_string(Quirk quirk);  ///< "no_end_of_table", ...

struct QuirkSeen {
    Quirk quirk;
    std::size_t offset = 0;  ///< bytes from the start of the table (of the entry point for its own quirk)
    bool operator==(const QuirkSeen&) const = default;
};

struct EntryPoint {
    bool is_64_bit = false;  ///< "_SM3_"
    std::uint8_t major = 0;
    std::uint8_t minor = 0;
    std::uint64_t table_address = 0;    ///< physical; 20h in a file of `dmidecode --dump-bin`
    std::uint32_t table_size = 0;       ///< bytes: exact for 2.x, the most that it can be for 3.x
    std::uint16_t structure_count = 0;  ///< 2.x; 0 for 3.x, which does not say
    bool length_1e = false;
};

/// "_SM_" (5.2.1) or "_SM3_" (5.2.2), checksums included; bytes after its own length are not looked at.
Result<EntryPoint> parse_entry_point(ByteView bytes);

struct Structure {
    std::uint8_t type = 0;
    std::uint16_t handle = 0;
    std::size_t offset = 0;                 ///< of its header in the table
    ByteView formatted;                     ///< the formatted area, its four header bytes included
    std::vector<std::string_view> strings;  ///< raw bytes without the null: hostile, any encoding

    /// The field at `at` of the formatted area, if the structure is long enough to have it.
    [[nodiscard]] std::optional<std::uint8_t> u8(std::size_t at) const;
    [[nodiscard]] std::optional<std::uint16_t> u16(std::size_t at) const;
    [[nodiscard]] std::optional<std::uint32_t> u32(std::size_t at) const;
    [[nodiscard]] std::optional<std::uint64_t> u64(std::size_t at) const;
    /// The string whose number stands at `at`; empty for number 0, for a field that is not there, and for a
    /// number beyond the set. Raw bytes.
    [[nodiscard]] std::string_view string_at(std::size_t at) const;
};

struct Smbios {
    std::optional<EntryPoint> entry_point;  ///< absent for a bare table
    std::vector<Structure> structures;      ///< in the table's order, end-of-table included
    std::vector<QuirkSeen> quirks;

    /// The quirk that left something unread, or null: the structures before it stand for themselves (DSP0134
    /// 6.1.2), and what came behind is not known.
    [[nodiscard]] const QuirkSeen* unread() const;
    /// The first structure of a type, or null.
    [[nodiscard]] const Structure* first(std::uint8_t type) const;
};

/// Walks the table. `entry_point` may be empty: then the version is unknown and taken for 2.6 or newer.
/// Errors: where not one structure is sound, `truncated` if it runs past the table, `malformed` if it is
/// shorter than its header or nothing but fill; `limit`; the offset is in the table, or in the entry point
/// where the message says so.
Result<Smbios> parse_smbios(ByteView entry_point, ByteView table);

/// A whole file: an entry point at 0 with the table at the address that it names (`dmidecode --dump-bin`), or
/// a bare table. Offsets of errors are in the table.
Result<Smbios> parse_smbios_file(ByteView file);

// Typed views. A string is raw bytes and empty when the table has none: show it through `printable`. A number
// is absent when the structure is too short for it. Values that the specification gives a meaning of
// "unknown" are kept as they are.

struct BiosInformation {  ///< type 0 (7.1)
    std::string vendor, version, release_date;
    std::optional<std::uint8_t> major_release, minor_release;  ///< FFh: not supported
    std::optional<std::uint8_t> ec_major_release,
        ec_minor_release;  ///< embedded controller; FFh: none that can be updated
};
struct SystemInformation {  ///< type 1 (7.2)
    std::string manufacturer, product, version, serial, sku, family;
    std::string uuid;  ///< "42d5f200-2d25-11ec-8000-3cecef7ec348"; empty if the table has none
};
struct Baseboard {  ///< type 2 (7.3)
    std::string manufacturer, product, version, serial, asset_tag;
};
struct Chassis {  ///< type 3 (7.4)
    std::string manufacturer, version, serial, asset_tag, sku;
    std::optional<std::uint8_t>
        type;  ///< 7.4.1, without the lock bit: 17h rack mount, 1Dh blade enclosure...
};
struct Processor {  ///< type 4 (7.5)
    std::string socket, manufacturer, version, serial, asset_tag, part_number;
    std::optional<std::uint64_t> id;     ///< CPUID leaf 1: EAX low, EDX high
    std::optional<std::uint8_t> status;  ///< bit 6: populated
    std::optional<std::uint16_t> cores, threads;
};
struct MemoryDevice {  ///< type 17 (7.18)
    std::string device_locator, bank_locator, manufacturer, serial, asset_tag, part_number, firmware_version;
    std::optional<std::uint64_t> size_bytes;  ///< 0: an empty slot; absent: unknown
    std::optional<std::uint8_t> memory_type;
    std::optional<std::uint16_t> speed_mts;
    /// JEP106, as the SPD has it: low byte the continuation count with parity, high byte the code. 3.2 and
    /// newer; 0: unknown.
    std::optional<std::uint16_t> module_manufacturer_id, module_product_id;
    std::optional<std::uint16_t> controller_manufacturer_id, controller_product_id;
    std::optional<std::uint16_t> pmic0_manufacturer_id, rcd_manufacturer_id;  ///< 3.7 and newer
};
struct TpmDevice {          ///< type 43 (7.44)
    std::string vendor_id;  ///< up to four characters
    std::optional<std::uint8_t> major_spec, minor_spec;
    std::optional<std::uint32_t> firmware_version_1, firmware_version_2;
    std::string description;
};
struct FirmwareInventory {  ///< type 45 (7.46)
    std::string component, version, id, release_date, manufacturer, lowest_supported_version;
    std::optional<std::uint8_t> version_format, id_format, state;
};

BiosInformation bios_information(const Structure& structure);
/// The UUID's first three fields are little-endian from 2.6 on (7.2.1).
SystemInformation system_information(const Structure& structure,
                                     const std::optional<EntryPoint>& entry_point);
Baseboard baseboard(const Structure& structure);
Chassis chassis(const Structure& structure);
Processor processor(const Structure& structure);
MemoryDevice memory_device(const Structure& structure);
TpmDevice tpm_device(const Structure& structure);
FirmwareInventory firmware_inventory(const Structure& structure);

/// The structure types by their standard names.
inline constexpr std::uint8_t kBiosInformation = 0;
inline constexpr std::uint8_t kSystemInformation = 1;
inline constexpr std::uint8_t kBaseboard = 2;
inline constexpr std::uint8_t kChassis = 3;
inline constexpr std::uint8_t kProcessor = 4;
inline constexpr std::uint8_t kMemoryDevice = 17;
inline constexpr std::uint8_t kPowerSupply = 39;
inline constexpr std::uint8_t kTpmDevice = 43;
inline constexpr std::uint8_t kFirmwareInventory = 45;
inline constexpr std::uint8_t kEndOfTable = 127;

}  // namespace assay::smbios
