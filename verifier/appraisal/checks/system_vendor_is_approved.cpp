#include <fmt/core.h>

#include "evidence/wire/section_names.h"
#include "verifier/appraisal/vendor_judgement.h"

namespace assay {
namespace {

void judge_maker(const Examined& examined, Judge& judge) {
    const auto& tables = examined.claims.tables;
    if (!tables) return judge.lacks(examined, section::kSmbios);
    std::size_t seen = 0;
    for (const auto& structure : tables->structures) {
        if (structure.type != smbios::kSystemInformation) continue;
        ++seen;
        judge_smbios_maker(examined, judge, vendors::Component::system, structure,
                           smbios::system_information(structure, tables->entry_point).manufacturer, "system");
    }
    if (seen == 0) return judge.nothing_to_judge("the SMBIOS table has no system");
    judge.holds(examined.basis(), fmt::format("{} system structure{} of SMBIOS", seen, seen == 1 ? "" : "s"));
}

}  // namespace

const Check checks::system_vendor_is_approved{
    .claim = TrustClaim::hardware, .required = true, .judge = judge_maker};

}  // namespace assay
