#include <filesystem>
#include <map>

#include <catch2/catch.hpp>

#include "evidence/base/text.h"
#include "evidence/device/smbios.h"
#include "tests/support/machine/corpus.h"
#include "tests/support/machine/skip.h"

using namespace assay;

namespace {

/// "Section name/Field" -> value of the first structure of each kind in the text that dmidecode printed.
std::map<std::string, std::string> first_fields(const std::string& text) {
    std::map<std::string, std::string> fields;
    std::map<std::string, int> seen;
    std::string section;
    for (const auto& line : corpus::lines(text)) {
        if (!line.empty() && line.front() != '\t' && line.front() != '#' && !line.starts_with("Handle")) {
            section = line;
            ++seen[section];
        }
        const auto colon = line.find(": ");
        if (line.starts_with("\t") && !line.starts_with("\t\t") && colon != std::string::npos &&
            seen[section] == 1) {
            fields.emplace(section + "/" + line.substr(1, colon - 1), line.substr(colon + 2));
        }
    }
    return fields;
}

void check_field(const std::map<std::string, std::string>& fields, const std::string& key,
                 const std::string& value) {
    const auto found = fields.find(key);
    if (found == fields.end() || found->second == "Not Specified" || found->second == "<BAD INDEX>") {
        CHECK(trimmed(value).empty());  // a string of blanks prints as nothing
        return;
    }
    INFO(key);
    // dmidecode shows other bytes than printable ASCII as dots, and trailing blanks are lost in some of its
    // outputs.
    std::string shown = value;
    for (auto& c : shown) c = c < ' ' || c > '~' ? '.' : c;
    CHECK(trimmed(shown) == trimmed(found->second));
}

}  // namespace

TEST_CASE("every real table parses, and names, versions and serials are those that dmidecode prints") {
    if (!corpus::present("smbios")) ASSAY_SKIP("no corpus of real SMBIOS tables");
    std::size_t tables = 0;
    std::size_t compared = 0;
    for (const auto& entry : corpus::manifests("smbios")) {
        if (entry.path.extension() == ".txt" || entry.path.extension() == ".tsv" ||
            entry.path.string().ends_with("_entry_point"))
            continue;
        INFO(entry.path.string());
        const auto bytes = corpus::read(entry.path);
        const auto parsed = smbios::parse_smbios_file(bytes);
        if (entry.what.find("0 structures") != std::string::npos &&
            entry.what.find("?;") != std::string::npos) {
            CHECK_FALSE(parsed);  // not a table: dmidecode finds nothing in it either
            continue;
        }
        REQUIRE(parsed);
        ++tables;
        const auto text = corpus::read_text(entry.path.parent_path() / "expected" /
                                            (entry.path.filename().string() + ".dmidecode.txt"));
        if (text.empty()) continue;
        ++compared;
        const auto fields = first_fields(text);
        if (const auto* structure = parsed->first(smbios::kBiosInformation)) {
            const auto bios = smbios::bios_information(*structure);
            check_field(fields, "BIOS Information/Vendor", bios.vendor);
            check_field(fields, "BIOS Information/Version", bios.version);
            check_field(fields, "BIOS Information/Release Date", bios.release_date);
        }
        if (const auto* structure = parsed->first(smbios::kSystemInformation)) {
            const auto system = smbios::system_information(*structure, parsed->entry_point);
            check_field(fields, "System Information/Manufacturer", system.manufacturer);
            check_field(fields, "System Information/Product Name", system.product);
            check_field(fields, "System Information/Serial Number", system.serial);
        }
        if (const auto* structure = parsed->first(smbios::kBaseboard)) {
            const auto board = smbios::baseboard(*structure);
            check_field(fields, "Base Board Information/Manufacturer", board.manufacturer);
            check_field(fields, "Base Board Information/Serial Number", board.serial);
        }
        if (const auto* structure = parsed->first(smbios::kChassis)) {
            const auto chassis = smbios::chassis(*structure);
            check_field(fields, "Chassis Information/Manufacturer", chassis.manufacturer);
            check_field(fields, "Chassis Information/Serial Number", chassis.serial);
        }
        if (const auto* structure = parsed->first(smbios::kProcessor)) {
            const auto processor = smbios::processor(*structure);
            check_field(fields, "Processor Information/Socket Designation", processor.socket);
            check_field(fields, "Processor Information/Manufacturer", processor.manufacturer);
            check_field(fields, "Processor Information/Version", processor.version);
        }
        // Of an empty slot dmidecode prints no more than the slot.
        if (const auto* structure = parsed->first(smbios::kMemoryDevice);
            structure != nullptr && fields.contains("Memory Device/Part Number")) {
            const auto module = smbios::memory_device(*structure);
            check_field(fields, "Memory Device/Locator", module.device_locator);
            check_field(fields, "Memory Device/Manufacturer", module.manufacturer);
            check_field(fields, "Memory Device/Serial Number", module.serial);
            check_field(fields, "Memory Device/Part Number", module.part_number);
        }
        if (const auto* structure = parsed->first(smbios::kPowerSupply);
            structure != nullptr && fields.contains("System Power Supply/Manufacturer")) {
            check_field(fields, "System Power Supply/Manufacturer", std::string(structure->string_at(0x07)));
            check_field(fields, "System Power Supply/Serial Number", std::string(structure->string_at(0x08)));
        }
    }
    CAPTURE(tables, compared);
    CHECK(tables >= 35);
    CHECK(compared >= 30);
}

TEST_CASE("real entry points go with their tables") {
    if (!corpus::present("smbios")) ASSAY_SKIP("no corpus of real SMBIOS tables");
    for (const std::string name : {"precisiont7600", "xps9365"}) {
        const auto folder = corpus::folder("smbios") / "dell-libsmbios";
        const auto entry = corpus::read(folder / (name + "_smbios_entry_point"));
        const auto table = corpus::read(folder / (name + "_DMI"));
        const auto parsed = smbios::parse_smbios(entry, table);
        REQUIRE(parsed);
        CHECK(parsed->entry_point->is_64_bit == (name == "xps9365"));
        CHECK(parsed->first(smbios::kEndOfTable) != nullptr);
    }
}
