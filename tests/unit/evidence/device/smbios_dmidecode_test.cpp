// Every structure of the used types in every real table, field by field, as dmidecode prints it.
#include <iostream>
#include <map>
#include <sstream>

#include <catch2/catch.hpp>
#include <fmt/core.h>

#include "evidence/base/text.h"
#include "evidence/device/smbios.h"
#include "tests/support/machine/corpus.h"
#include "tests/support/machine/skip.h"

using namespace assay;

namespace {

struct Printed {
    std::string handle;                         // "0x0014"
    unsigned type = 0, length = 0;              // as its "Handle" line says
    std::map<std::string, std::string> fields;  // "Serial Number" -> the text behind it
};

/// What dmidecode printed, structure by structure.
std::vector<Printed> printed_by_dmidecode(const std::string& text) {
    std::vector<Printed> out;
    for (const auto& line : corpus::lines(text)) {
        Printed next;
        char handle[8] = {};
        if (std::sscanf(line.c_str(), "Handle %7[^,], DMI type %u, %u bytes", handle, &next.type,
                        &next.length) == 3) {
            next.handle = handle;
            out.push_back(next);
            continue;
        }
        const auto colon = line.find(':');
        if (out.empty() || colon == std::string::npos || !line.starts_with('\t') || line.starts_with("\t\t"))
            continue;
        out.back().fields.emplace(line.substr(1, colon - 1), std::string(trimmed(line.substr(colon + 1))));
    }
    return out;
}

/// dmidecode shows other bytes than printable ASCII as dots, and loses trailing blanks.
std::string as_shown(const std::string& raw) {
    std::string shown = raw;
    for (auto& c : shown) c = c < ' ' || c > '~' ? '.' : c;
    return std::string(trimmed(shown));
}

struct Comparison {
    const Printed& printed;
    std::size_t& fields;

    void text(const std::string& key, const std::string& value) {
        const auto found = printed.fields.find(key);
        if (found == printed.fields.end()) return;
        ++fields;
        INFO(key);
        const bool none = found->second == "Not Specified" || found->second == "<BAD INDEX>";
        CHECK(as_shown(value) == (none ? std::string() : found->second));
    }
    /// A number that dmidecode prints in words of its own where it is unknown.
    void number(const std::string& key, const std::string& value) {
        const auto found = printed.fields.find(key);
        if (found == printed.fields.end() || value.empty()) return;
        ++fields;
        INFO(key);
        CHECK(value == found->second);
    }
};

std::string size_text(std::uint64_t bytes) {
    if (bytes == 0) return "No Module Installed";
    for (const auto& [shift, unit] : {std::pair{40U, "TB"}, {30U, "GB"}, {20U, "MB"}}) {
        if (bytes % (1ULL << shift) == 0) return fmt::format("{} {}", bytes >> shift, unit);
    }
    return fmt::format("{} kB", bytes >> 10U);
}

std::string jep106_text(std::optional<std::uint16_t> id) {
    if (!id) return {};
    if (*id == 0) return "Unknown";
    return fmt::format("Bank {}, Hex 0x{:02X}", (*id & 0x7fU) + 1, *id >> 8U);
}

void compare_machine(const smbios::Structure& s, const smbios::Smbios& tables, Comparison& to) {
    if (s.type == smbios::kBiosInformation) {
        const auto bios = smbios::bios_information(s);
        to.text("Vendor", bios.vendor);
        to.text("Version", bios.version);
        to.text("Release Date", bios.release_date);
        if (bios.major_release && bios.minor_release)
            to.number("BIOS Revision", fmt::format("{}.{}", *bios.major_release, *bios.minor_release));
        if (bios.ec_major_release && bios.ec_minor_release)
            to.number("Firmware Revision",
                      fmt::format("{}.{}", *bios.ec_major_release, *bios.ec_minor_release));
    } else if (s.type == smbios::kSystemInformation) {
        const auto system = smbios::system_information(s, tables.entry_point);
        to.text("Manufacturer", system.manufacturer);
        to.text("Product Name", system.product);
        to.text("Version", system.version);
        to.text("Serial Number", system.serial);
        to.text("SKU Number", system.sku);
        to.text("Family", system.family);
        to.number("UUID", system.uuid);
    } else if (s.type == smbios::kBaseboard) {
        const auto board = smbios::baseboard(s);
        to.text("Manufacturer", board.manufacturer);
        to.text("Product Name", board.product);
        to.text("Version", board.version);
        to.text("Serial Number", board.serial);
        to.text("Asset Tag", board.asset_tag);
    } else {
        const auto chassis = smbios::chassis(s);
        to.text("Manufacturer", chassis.manufacturer);
        to.text("Version", chassis.version);
        to.text("Serial Number", chassis.serial);
        to.text("Asset Tag", chassis.asset_tag);
        to.text("SKU Number", chassis.sku);
    }
}

void compare_processor(const smbios::Structure& s, Comparison& to) {
    const auto cpu = smbios::processor(s);
    to.text("Socket Designation", cpu.socket);
    to.text("Manufacturer", cpu.manufacturer);
    to.text("Version", cpu.version);
    to.text("Serial Number", cpu.serial);
    to.text("Asset Tag", cpu.asset_tag);
    to.text("Part Number", cpu.part_number);
    std::string id;
    for (unsigned i = 0; cpu.id && i < 8; ++i)
        id += fmt::format("{}{:02X}", i == 0 ? "" : " ", (*cpu.id >> (8 * i)) & 0xffU);
    to.number("ID", id);
    if (cpu.cores) to.number("Core Count", std::to_string(*cpu.cores));
    if (cpu.threads) to.number("Thread Count", std::to_string(*cpu.threads));
}

void compare_memory(const smbios::Structure& s, Comparison& to) {
    const auto module = smbios::memory_device(s);
    to.text("Locator", module.device_locator);
    to.text("Bank Locator", module.bank_locator);
    to.text("Manufacturer", module.manufacturer);
    to.text("Serial Number", module.serial);
    to.text("Asset Tag", module.asset_tag);
    to.text("Part Number", module.part_number);
    to.text("Firmware Version", module.firmware_version);
    to.number("Size", module.size_bytes ? size_text(*module.size_bytes) : "Unknown");
    if (module.speed_mts && *module.speed_mts != 0 && *module.speed_mts != 0xffff)
        to.number("Speed", fmt::format("{} MT/s", *module.speed_mts));
    to.number("Module Manufacturer ID", jep106_text(module.module_manufacturer_id));
    to.number("Memory Subsystem Controller Manufacturer ID", jep106_text(module.controller_manufacturer_id));
}

void compare(const smbios::Structure& s, const smbios::Smbios& tables, Comparison& to) {
    switch (s.type) {
        case smbios::kBiosInformation:
        case smbios::kSystemInformation:
        case smbios::kBaseboard:
        case smbios::kChassis:
            return compare_machine(s, tables, to);
        case smbios::kProcessor:
            return compare_processor(s, to);
        case smbios::kMemoryDevice:
            return compare_memory(s, to);
        case smbios::kPowerSupply:  // 7.40; read by offset where parts are listed
            to.text("Location", std::string(s.string_at(0x05)));
            to.text("Name", std::string(s.string_at(0x06)));
            to.text("Manufacturer", std::string(s.string_at(0x07)));
            to.text("Serial Number", std::string(s.string_at(0x08)));
            to.text("Model Part Number", std::string(s.string_at(0x0a)));
            return to.text("Revision", std::string(s.string_at(0x0b)));
        case smbios::kTpmDevice: {
            const auto tpm = smbios::tpm_device(s);
            to.text("Vendor ID", tpm.vendor_id);
            return to.text("Description", tpm.description);
        }
        default:
            return;
    }
}

struct Table {
    std::filesystem::path path;
    Bytes bytes;
    std::string text;  // of dmidecode; empty where there is none
};

std::vector<Table> real_tables() {
    std::vector<Table> out;
    for (const auto& entry : corpus::manifests("smbios")) {
        const auto name = entry.path.filename().string();
        if (name.ends_with(".txt") || name.ends_with(".tsv") || name.ends_with("_entry_point")) continue;
        out.push_back({entry.path, corpus::read(entry.path),
                       corpus::read_text(entry.path.parent_path() / "expected" / (name + ".dmidecode.txt"))});
    }
    return out;
}

}  // namespace

TEST_CASE(
    "every structure of every real table has the type, handle, length and fields that dmidecode prints") {
    if (!corpus::present("smbios")) ASSAY_SKIP("no corpus of real SMBIOS tables");
    std::size_t tables = 0, structures = 0, fields = 0;
    std::map<unsigned, std::size_t> of_type;
    for (const auto& table : real_tables()) {
        INFO(table.path.string());
        const auto printed = printed_by_dmidecode(table.text);
        if (printed.empty()) continue;
        const auto parsed = smbios::parse_smbios_file(table.bytes);
        REQUIRE(parsed);
        ++tables;
        REQUIRE(parsed->structures.size() >= printed.size());
        for (std::size_t i = 0; i < printed.size(); ++i) {
            const auto& ours = parsed->structures[i];
            INFO("handle " << printed[i].handle << ", type " << printed[i].type);
            CHECK(fmt::format("0x{:04X}", ours.handle) == printed[i].handle);
            REQUIRE(unsigned{ours.type} == printed[i].type);
            CHECK(ours.formatted.size() == printed[i].length);
            const auto before = fields;
            Comparison to{printed[i], fields};
            compare(ours, *parsed, to);
            if (fields != before) ++of_type[ours.type];
            ++structures;
        }
    }
    std::ostringstream types;
    for (const auto& [type, count] : of_type) types << " " << type << ":" << count;
    std::cout << tables << " tables, " << structures << " structures; " << fields
              << " fields compared; structures compared by type:" << types.str() << std::endl;
    CHECK(tables >= 36);
    CHECK(fields > 2500);
    for (const unsigned type : {0U, 1U, 2U, 3U, 4U, 17U, 39U, 43U}) {
        INFO("type " << type);
        CHECK(of_type[type] > 0);
    }
}

TEST_CASE("a real table that is cut inside a structure shows those before it, and names that one's place") {
    if (!corpus::present("smbios")) ASSAY_SKIP("no corpus of real SMBIOS tables");
    std::size_t cuts = 0;
    for (const auto& table : real_tables()) {
        const auto whole = smbios::parse_smbios_file(table.bytes);
        if (!whole || whole->structures.size() < 2) continue;
        INFO(table.path.string());
        const auto* const start =
            whole->structures.front().formatted.data() - whole->structures.front().offset;
        for (const auto& structure : whole->structures) {
            if (structure.type == smbios::kEndOfTable) continue;
            INFO("structure at " << structure.offset);
            // Inside the formatted area, and at its end, where the strings are missing.
            for (const auto kept : {structure.formatted.size() / 2, structure.formatted.size()}) {
                const auto cut = smbios::parse_smbios({}, ByteView(start, structure.offset + kept));
                ++cuts;
                if (&structure == whole->structures.data()) {
                    REQUIRE_FALSE(cut);
                    CHECK(cut.error().code == ErrorCode::truncated);
                    CHECK(cut.error().offset.value() <= structure.offset + structure.formatted.size());
                    continue;
                }
                REQUIRE(cut);
                CHECK(cut->structures.size() ==
                      static_cast<std::size_t>(&structure - whole->structures.data()));
                REQUIRE(cut->unread() != nullptr);
                CHECK(*cut->unread() == smbios::QuirkSeen{smbios::Quirk::structure_cut, structure.offset});
            }
        }
    }
    CHECK(cuts > 1000);
}

TEST_CASE("a real table whose first structure is shorter than its header is refused with the place") {
    if (!corpus::present("smbios")) ASSAY_SKIP("no corpus of real SMBIOS tables");
    std::size_t tried = 0;
    for (const auto& table : real_tables()) {
        const auto whole = smbios::parse_smbios_file(table.bytes);
        if (!whole) continue;
        const auto& first = whole->structures.front();
        Bytes broken(first.formatted.begin(), first.formatted.end());
        broken.at(1) = std::byte{3};
        const auto refused = smbios::parse_smbios({}, broken);
        REQUIRE_FALSE(refused);
        CHECK(refused.error().code == ErrorCode::malformed);
        CHECK(refused.error().offset == 1U);
        ++tried;
    }
    CHECK(tried > 30);
}
