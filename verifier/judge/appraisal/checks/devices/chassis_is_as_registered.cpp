#include <fmt/core.h>

#include "evidence/base/text.h"
#include "evidence/wire/section/section_names.h"
#include "verifier/judge/appraisal/steps/examined.h"

namespace assay::judge {
namespace {

struct Serial {
    std::string text;
    std::string place;
};

/// The serial number on the case: SMBIOS type 3 (7.4); where no chassis has one, that of the system, type 1
/// (7.2), which is what makers of racks print on the label then.
std::vector<Serial> serials_of(const smbios::Smbios& tables) {
    std::vector<Serial> chassis;
    std::vector<Serial> system;
    for (const auto& structure : tables.structures) {
        const auto place = fmt::format("smbios: handle {:#06x}", structure.handle);
        if (structure.type == 3) {
            if (auto serial = std::string(trimmed(smbios::chassis(structure).serial)); !serial.empty())
                chassis.push_back({std::move(serial), place});
        } else if (structure.type == 1) {
            if (auto serial =
                    std::string(trimmed(smbios::system_information(structure, tables.entry_point).serial));
                !serial.empty())
                system.push_back({std::move(serial), place});
        }
    }
    return chassis.empty() ? system : chassis;
}

void judge_chassis(const Examined& examined, Judge& judge) {
    const auto& registered = examined.inputs.known_host.chassis_serial;
    if (!registered)
        return judge.no_answer(NoAnswer::not_asked, "no chassis serial number is registered for this host");
    if (!examined.claims.tables) return judge.report_absent(examined, section::kSmbios);
    const auto serials = serials_of(*examined.claims.tables);
    for (const auto& serial : serials) {
        if (serial.text == *registered)
            return judge.covered(examined.basis(), 1, fmt::format("serial number {}", shown(serial.text)));
    }
    judge.report(findings::chassis_serial, Tier::contraindicated, examined.basis(),
                 {.subject = "chassis",
                  .expected = fmt::format("serial number '{}'", shown(*registered)),
                  .actual = serials.empty() ? "no serial number"
                                            : fmt::format("serial number '{}'", shown(serials.front().text)),
                  .evidence = serials.empty() ? "smbios" : serials.front().place});
}

}  // namespace

const Check checks::chassis_is_as_registered{
    .claim = TrustClaim::hardware, .required = false, .judge = judge_chassis};

}  // namespace assay::judge
