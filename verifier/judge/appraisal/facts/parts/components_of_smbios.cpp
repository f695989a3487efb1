#include "verifier/judge/appraisal/facts/parts/components_of_smbios.h"

#include <algorithm>
#include <bit>

#include <fmt/core.h>

#include "evidence/base/hex.h"
#include "evidence/base/text.h"
#include "vendor-db/resolve/identifier.h"
#include "verifier/judge/appraisal/checks/check.h"

namespace assay::judge {
namespace {

using vendors::Component;
using vendors::Namespace;

std::string text(std::string_view raw) {
    return std::string(trimmed(raw));
}

std::string serial(std::string_view raw) {
    const auto value = trimmed(raw);
    const bool zeros = std::ranges::all_of(value, [](char c) { return c == '0'; });
    return zeros || vendors::is_placeholder(value) ? std::string() : std::string(value);
}

// An empty name stays: that the table names no maker is for the check to say.
MakerId named(std::string_view maker) {
    return {Namespace::smbios, text(maker), "'" + shown(trimmed(maker)) + "'", ""};
}

HostComponent part(Component kind, const smbios::Structure& structure, std::string_view place,
                   std::string_view maker) {
    HostComponent out{.kind = kind, .place = text(place), .maker = makers_named(kind, maker)};
    out.evidence = fmt::format("smbios: handle {:#06x}", structure.handle);
    return out;
}

// 7.1 to 7.4: of most there is one; a second has a place of its own by its handle.
void add_machine(const smbios::Smbios& tables, const smbios::Structure& structure,
                 std::vector<HostComponent>& out) {
    if (structure.type == smbios::kBiosInformation) {
        const auto bios = smbios::bios_information(structure);
        out.push_back(part(Component::bios, structure, "BIOS", bios.vendor));
        out.back().model = text(bios.release_date);
        out.back().revision = text(bios.version);
    } else if (structure.type == smbios::kSystemInformation) {
        const auto system = smbios::system_information(structure, tables.entry_point);
        out.push_back(part(Component::system, structure, "system", system.manufacturer));
        out.back().model = text(system.product);
        out.back().serial = serial(system.serial);
        out.back().revision = text(system.version);
    } else if (structure.type == smbios::kBaseboard) {
        const auto board = smbios::baseboard(structure);
        out.push_back(part(Component::board, structure, "board", board.manufacturer));
        out.back().model = text(board.product);
        out.back().serial = serial(board.serial);
        out.back().revision = text(board.version);
    } else {
        const auto chassis = smbios::chassis(structure);
        out.push_back(part(Component::chassis, structure, "chassis", chassis.manufacturer));
        out.back().model = text(chassis.sku);
        out.back().serial = serial(chassis.serial);
        out.back().revision = text(chassis.version);
    }
}

void add_processor(const smbios::Structure& structure, std::vector<HostComponent>& out) {
    const auto cpu = smbios::processor(structure);
    constexpr std::uint8_t kPopulated = 1U << 6U;  // 7.5.4
    if (cpu.status && (*cpu.status & kPopulated) == 0) return;
    out.push_back(part(Component::cpu, structure, cpu.socket.empty() ? "CPU" : cpu.socket, cpu.manufacturer));
    out.back().model = text(cpu.version);
    out.back().serial = serial(cpu.serial);
    if (cpu.id) out.back().revision = fmt::format("{:016x}", *cpu.id);
}

void add_memory(const smbios::Structure& structure, std::vector<HostComponent>& out) {
    const auto module = smbios::memory_device(structure);
    if (module.size_bytes && *module.size_bytes == 0) return;  // an empty slot
    auto place = text(module.device_locator);
    if (const auto bank = text(module.bank_locator); !bank.empty())
        place += (place.empty() ? "" : ", ") + bank;
    if (place.empty()) place = fmt::format("DIMM {:#06x}", structure.handle);
    out.push_back(part(Component::memory, structure, place, module.manufacturer));
    auto& maker = out.back().maker;
    if (auto id = jep106_of_module_id(module.module_manufacturer_id.value_or(0)); !id.empty())
        maker.insert(maker.begin(), {Namespace::jep106, id, "module manufacturer id, JEP106 " + id, ""});
    out.back().model = text(module.part_number);
    out.back().serial = serial(module.serial);
    out.back().revision = text(module.firmware_version);
}

void add_power_supply(const smbios::Structure& structure, std::vector<HostComponent>& out) {
    // 7.40: location 05h, name 06h, manufacturer 07h, serial 08h, model 0Ah, revision 0Bh, characteristics
    // 0Eh.
    constexpr std::uint16_t kPresent = 1U << 1U;
    if (const auto bits = structure.u16(0x0e); bits && (*bits & kPresent) == 0) return;
    const auto location = text(structure.string_at(0x05));
    out.push_back(
        part(Component::psu, structure, location.empty() ? "PSU" : location, structure.string_at(0x07)));
    const auto model = text(structure.string_at(0x0a));
    out.back().model = model.empty() ? text(structure.string_at(0x06)) : model;
    out.back().serial = serial(structure.string_at(0x08));
    out.back().revision = text(structure.string_at(0x0b));
}

void add_tpm_device(const smbios::Structure& structure, std::vector<HostComponent>& out) {
    const auto tpm = smbios::tpm_device(structure);
    const auto value = vendors::canonical(Namespace::tpm, tpm.vendor_id);
    out.push_back(part(Component::tpm, structure, "TPM", tpm.vendor_id));
    out.back().maker = {{Namespace::tpm, value.value_or(text(tpm.vendor_id)),
                         "SMBIOS TPM vendor '" + shown(tpm.vendor_id) + "'", ""}};
    out.back().model = text(tpm.description);
}

// JEP106: the number of continuation codes and the code, each with an odd-parity bit on top.
std::string jep106(unsigned continuation, unsigned code) {
    constexpr unsigned kParity = 0x80;
    const bool is_code = std::popcount(code) % 2 == 1 && (code & ~kParity) != 0 && (code & ~kParity) != 0x7f;
    if (!is_code) return {};
    return fmt::format("{}:{:02x}", (continuation & ~kParity) + 1, code);
}

// Continuation codes, the code, and padding of 00 or FF; the 80 behind a code is the count 0 with its parity.
std::string jep106_of_continued(ByteView bytes) {
    constexpr std::byte kContinuation{0x7f};
    constexpr std::byte kNone{0x80};
    const auto code = std::ranges::find_if(bytes, [](std::byte byte) { return byte != kContinuation; });
    if (code == bytes.end()) return {};
    const auto rest = std::span(code + 1, bytes.end());
    const auto is_filled = [&](std::byte fill) {
        return std::ranges::all_of(rest, [&](std::byte byte) { return byte == fill; });
    };
    const bool is_swapped = bytes.size() == 2 && rest.size() == 1 && rest.front() == kNone;
    if (!is_filled(std::byte{0}) && !is_filled(std::byte{0xff}) && !is_swapped) return {};
    return jep106(static_cast<unsigned>(code - bytes.begin()), std::to_integer<unsigned>(*code));
}

}  // namespace

std::vector<HostComponent> components_of_smbios(const smbios::Smbios& tables, bool with_tpm) {
    std::vector<HostComponent> out;
    for (const auto& structure : tables.structures) {
        switch (structure.type) {
            case smbios::kBiosInformation:
            case smbios::kSystemInformation:
            case smbios::kBaseboard:
            case smbios::kChassis:
                add_machine(tables, structure, out);
                break;
            case smbios::kProcessor:
                add_processor(structure, out);
                break;
            case smbios::kMemoryDevice:
                add_memory(structure, out);
                break;
            case smbios::kPowerSupply:
                add_power_supply(structure, out);
                break;
            case smbios::kTpmDevice:
                if (with_tpm) add_tpm_device(structure, out);
                break;
            default:
                break;
        }
    }
    return out;
}

std::string jep106_of_module_id(std::uint16_t id) {
    return id == 0 || id == 0xffff ? std::string() : jep106(id & 0xffU, id >> 8U);
}

std::string jep106_of_spd_text(std::string_view text) {
    if (vendors::is_placeholder(text)) return {};
    if (text.starts_with("0x") || text.starts_with("0X")) text.remove_prefix(2);
    // An identity; of module and DRAM; the eight bytes that SPDs of DDR2 and before have for it.
    if (text.size() != 4 && text.size() != 12 && text.size() != 16) return {};
    const auto bytes = from_hex(text, 8);
    if (!bytes) return {};
    if (auto id = jep106_of_continued(*bytes); !id.empty() || bytes->size() == 8) return id;
    return jep106(std::to_integer<unsigned>(bytes->at(0)), std::to_integer<unsigned>(bytes->at(1)));
}

std::vector<MakerId> makers_named(Component kind, std::string_view text) {
    std::vector<MakerId> out;
    const auto value = trimmed(text);
    if (kind == Component::memory || kind == Component::any) {
        if (auto id = jep106_of_spd_text(value); !id.empty())
            out.push_back({Namespace::jep106, id, fmt::format("JEP106 {}, as '{}'", id, shown(value)), ""});
    }
    out.push_back(named(value));
    return out;
}

}  // namespace assay::judge
