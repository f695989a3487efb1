#include "evidence/device/smbios_json.h"

#include <fmt/core.h>

#include "evidence/base/limits.h"
#include "evidence/base/text.h"
#include "evidence/codec/cbor.h"
#include "evidence/codec/json_writer.h"

namespace assay {
namespace smbios {
namespace {

template <typename T>
Json number(const std::optional<T>& value) {
    return value ? Json(*value) : Json();
}

Json bios_json(const Structure& structure) {
    const auto bios = bios_information(structure);
    return {{"vendor", printable(bios.vendor)},
            {"version", printable(bios.version)},
            {"release_date", printable(bios.release_date)},
            {"major_release", number(bios.major_release)},
            {"minor_release", number(bios.minor_release)},
            {"ec_major_release", number(bios.ec_major_release)},
            {"ec_minor_release", number(bios.ec_minor_release)}};
}

Json system_json(const Structure& structure, const std::optional<EntryPoint>& entry_point) {
    const auto system = system_information(structure, entry_point);
    return {{"manufacturer", printable(system.manufacturer)},
            {"product", printable(system.product)},
            {"version", printable(system.version)},
            {"serial", printable(system.serial)},
            {"uuid", system.uuid},
            {"sku", printable(system.sku)},
            {"family", printable(system.family)}};
}

Json baseboard_json(const Structure& structure) {
    const auto board = baseboard(structure);
    return {{"manufacturer", printable(board.manufacturer)},
            {"product", printable(board.product)},
            {"version", printable(board.version)},
            {"serial", printable(board.serial)},
            {"asset_tag", printable(board.asset_tag)}};
}

Json chassis_json(const Structure& structure) {
    const auto enclosure = chassis(structure);
    return {{"manufacturer", printable(enclosure.manufacturer)}, {"type", number(enclosure.type)},
            {"version", printable(enclosure.version)},           {"serial", printable(enclosure.serial)},
            {"asset_tag", printable(enclosure.asset_tag)},       {"sku", printable(enclosure.sku)}};
}

Json processor_json(const Structure& structure) {
    const auto cpu = processor(structure);
    return {{"socket", printable(cpu.socket)},
            {"manufacturer", printable(cpu.manufacturer)},
            {"version", printable(cpu.version)},
            {"id", cpu.id ? Json(fmt::format("0x{:016x}", *cpu.id)) : Json()},
            {"status", number(cpu.status)},
            {"cores", number(cpu.cores)},
            {"threads", number(cpu.threads)},
            {"serial", printable(cpu.serial)},
            {"asset_tag", printable(cpu.asset_tag)},
            {"part_number", printable(cpu.part_number)}};
}

Json memory_json(const Structure& structure) {
    const auto memory = memory_device(structure);
    return {{"device_locator", printable(memory.device_locator)},
            {"bank_locator", printable(memory.bank_locator)},
            {"manufacturer", printable(memory.manufacturer)},
            {"serial", printable(memory.serial)},
            {"asset_tag", printable(memory.asset_tag)},
            {"part_number", printable(memory.part_number)},
            {"firmware_version", printable(memory.firmware_version)},
            {"size_bytes", number(memory.size_bytes)},
            {"memory_type", number(memory.memory_type)},
            {"speed_mts", number(memory.speed_mts)},
            {"module_manufacturer_id", number(memory.module_manufacturer_id)},
            {"module_product_id", number(memory.module_product_id)},
            {"controller_manufacturer_id", number(memory.controller_manufacturer_id)},
            {"controller_product_id", number(memory.controller_product_id)},
            {"pmic0_manufacturer_id", number(memory.pmic0_manufacturer_id)},
            {"rcd_manufacturer_id", number(memory.rcd_manufacturer_id)}};
}

Json tpm_json(const Structure& structure) {
    const auto tpm = tpm_device(structure);
    return {{"vendor_id", printable(tpm.vendor_id)},
            {"major_spec", number(tpm.major_spec)},
            {"minor_spec", number(tpm.minor_spec)},
            {"firmware_version_1", number(tpm.firmware_version_1)},
            {"firmware_version_2", number(tpm.firmware_version_2)},
            {"description", printable(tpm.description)}};
}

Json firmware_json(const Structure& structure) {
    const auto firmware = firmware_inventory(structure);
    return {{"component", printable(firmware.component)},
            {"version", printable(firmware.version)},
            {"version_format", number(firmware.version_format)},
            {"id", printable(firmware.id)},
            {"id_format", number(firmware.id_format)},
            {"release_date", printable(firmware.release_date)},
            {"manufacturer", printable(firmware.manufacturer)},
            {"lowest_supported_version", printable(firmware.lowest_supported_version)},
            {"state", number(firmware.state)}};
}

Json fields_json(const Structure& structure, const std::optional<EntryPoint>& entry_point) {
    switch (structure.type) {
        case kBiosInformation:
            return {{"bios", bios_json(structure)}};
        case kSystemInformation:
            return {{"system", system_json(structure, entry_point)}};
        case kBaseboard:
            return {{"baseboard", baseboard_json(structure)}};
        case kChassis:
            return {{"chassis", chassis_json(structure)}};
        case kProcessor:
            return {{"processor", processor_json(structure)}};
        case kMemoryDevice:
            return {{"memory_device", memory_json(structure)}};
        case kTpmDevice:
            return {{"tpm", tpm_json(structure)}};
        case kFirmwareInventory:
            return {{"firmware", firmware_json(structure)}};
        default:
            return Json::object();
    }
}

}  // namespace

Json to_json(const Smbios& smbios) {
    Json out = {{"entry_point", nullptr}, {"quirks", Json::array()}, {"structures", Json::array()}};
    if (const auto& entry = smbios.entry_point) {
        out["entry_point"] = {{"kind", entry->is_64_bit ? "_SM3_" : "_SM_"},
                              {"version", fmt::format("{}.{}", entry->major, entry->minor)},
                              {"table_address", entry->table_address},
                              {"table_size", entry->table_size}};
    }
    for (const auto& seen : smbios.quirks) {
        out["quirks"].push_back({{"id", to_string(seen.quirk)}, {"offset", seen.offset}});
    }
    for (const auto& structure : smbios.structures) {
        auto entry = fields_json(structure, smbios.entry_point);
        entry["type"] = structure.type;
        entry["handle"] = fmt::format("0x{:04x}", structure.handle);
        entry["offset"] = structure.offset;
        entry["length"] = structure.formatted.size();
        entry["strings"] = Json::array();
        for (const auto text : structure.strings) entry["strings"].push_back(printable(text));
        out["structures"].push_back(std::move(entry));
    }
    return out;
}

}  // namespace smbios

namespace device {
namespace {

struct Section {
    ByteView entry_point;
    ByteView table;
};

// The encoded section as docs/formats/evidence.md has it. Its codec is evidence/wire's, which this folder
// must not know.
Result<Section> section_of(ByteView file) {
    return cbor::parse_document(file, "smbios section", [](cbor::Reader& in) {
        Section section;
        in.map("smbios section", [&](std::string_view key) {
            if (key == "table")
                section.table = in.bytes(key, limits::kSmbiosTable);
            else if (key == "entry_point")
                section.entry_point = in.bytes(key, limits::kSmbiosEntryPoint);
            else
                in.unknown(key);
        });
        return section;
    });
}

}  // namespace

Result<Json> inspect_smbios(ByteView file) {
    // A map of two keys begins with A2h; in a bare table that would be an OEM structure, whose walk would
    // tell.
    constexpr std::byte kMapOfTwo{0xa2};
    if (!file.empty() && file.front() == kMapOfTwo) {
        if (const auto section = section_of(file)) {
            return smbios::to_json(TRY(smbios::parse_smbios(section->entry_point, section->table)));
        }
    }
    return smbios::to_json(TRY(smbios::parse_smbios_file(file)));
}

}  // namespace device
}  // namespace assay
