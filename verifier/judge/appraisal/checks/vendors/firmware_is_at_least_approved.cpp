#include <map>
#include <vector>

#include <fmt/core.h>

#include "evidence/device/bmc.h"
#include "evidence/wire/section/section_names.h"
#include "verifier/judge/appraisal/facts/parts/firmware_version.h"
#include "verifier/judge/appraisal/steps/examined.h"

namespace assay::judge {
namespace {

struct Firmware {
    std::string match;  // what a floor's `match` is compared with
    std::string subject;
    std::string version;  // empty: the evidence does not give it
    std::string evidence;
};

struct Inventory {
    std::string_view section;  // where the versions of this component come from
    bool present = false;
    std::vector<Firmware> parts;
};

Inventory bios_of(const BoundClaims& claims) {
    Inventory out{section::kSmbios, claims.tables != nullptr, {}};
    if (!out.present) return out;
    for (const auto& structure : claims.tables->structures) {
        if (structure.type != smbios::kBiosInformation) continue;
        const auto bios = smbios::bios_information(structure);
        out.parts.push_back({bios.vendor, "BIOS of " + shown(bios.vendor), bios.version,
                             fmt::format("smbios: handle {:#06x}", structure.handle)});
    }
    return out;
}

Inventory bmc_of(const BoundClaims& claims) {
    Inventory out{section::kBmc, claims.bmc != nullptr, {}};
    if (!out.present) return out;
    const auto id = bmc::parse_device_id(claims.bmc->device_id);
    out.parts.push_back({id ? std::to_string(id->manufacturer) : std::string(), "BMC",
                         id ? id->firmware_version() : std::string(), "bmc"});
    return out;
}

Inventory microcode_of(const BoundClaims& claims) {
    Inventory out{section::kCpu, claims.cpu != nullptr, {}};
    if (!out.present) return out;
    const auto& cpu = *claims.cpu;
    out.parts.push_back({cpu.model_name, "microcode of " + shown(cpu.model_name),
                         cpu.microcode == 0 ? std::string() : fmt::format("{:#x}", cpu.microcode), "cpu"});
    return out;
}

Inventory drives_of(const BoundClaims& claims) {
    Inventory out{section::kStorage, claims.storage != nullptr, {}};
    if (!out.present) return out;
    for (const auto& drive : *claims.storage) {
        out.parts.push_back({drive.model,
                             fmt::format("drive {} S/N {}", shown(drive.name), shown(drive.serial)),
                             drive.firmware, "storage: " + shown(drive.name)});
    }
    return out;
}

Inventory nics_of(const BoundClaims& claims) {
    Inventory out{section::kNetwork, claims.network != nullptr, {}};
    if (!out.present) return out;
    for (const auto& nic : *claims.network) {
        if (nic.pci_address.empty()) continue;
        out.parts.push_back(
            {nic.driver, "NIC " + shown(nic.name), nic.firmware_version, "network: " + shown(nic.name)});
    }
    return out;
}

Inventory esrt_of(const BoundClaims& claims) {
    Inventory out{section::kEsrt, claims.esrt != nullptr, {}};
    if (!out.present) return out;
    for (const auto& entry : *claims.esrt) {
        out.parts.push_back({entry.fw_class, "ESRT " + shown(entry.fw_class),
                             std::to_string(entry.fw_version), "esrt: " + shown(entry.fw_class)});
    }
    return out;
}

using InventoryOf = Inventory (*)(const BoundClaims&);
const std::map<std::string_view, InventoryOf>& inventories() {
    static const std::map<std::string_view, InventoryOf> kInventories{
        {"bios", bios_of},    {"bmc", bmc_of},  {"cpu-microcode", microcode_of},
        {"drive", drives_of}, {"nic", nics_of}, {"esrt", esrt_of}};
    return kInventories;
}

void judge_part(const Examined& examined, Judge& judge, const FirmwareFloor& floor, const Firmware& part) {
    const bool unknown = part.version.empty();
    if (!unknown && compare_versions(part.version, floor.at_least) >= 0) return;
    judge.report(unknown ? findings::firmware_version_unknown : findings::firmware_below_floor,
                 unknown ? Tier::none : Tier::contraindicated, examined.basis(),
                 {.subject = part.subject,
                  .expected = "at least " + shown(floor.at_least),
                  .actual = unknown ? std::string("no version") : shown(part.version),
                  .evidence = part.evidence});
}

void judge_firmware(const Examined& examined, Judge& judge) {
    const auto& floors = examined.inputs.policy.firmware;
    if (floors.empty()) return judge.no_answer(NoAnswer::not_asked, "the policy names no least version");
    std::size_t judged = 0, others = 0;
    for (const auto& floor : floors) {
        const auto inventory = inventories().at(floor.component)(examined.claims);
        if (!inventory.present) {
            judge.report_absent(examined, inventory.section);
            continue;
        }
        for (const auto& part : inventory.parts) {
            if (floor.match != "*" && floor.match != part.match) {
                ++others;
                continue;
            }
            judge_part(examined, judge, floor, part);
            ++judged;
        }
    }
    // A rule for another model asks nothing of this part; a kind that the host has no part of is not excused.
    judge.covered(examined.basis(), judged,
                  fmt::format("{} firmware versions that the policy names a least one for", judged), others);
}

}  // namespace

const Check checks::firmware_is_at_least_approved{
    .claim = TrustClaim::executables, .required = false, .judge = judge_firmware};

}  // namespace assay::judge
