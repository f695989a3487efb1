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
        if (structure.type != smbios::kBiosInformation) continue;
        ++seen;
        judge_smbios_maker(examined, judge, vendors::Component::bios, structure,
                           smbios::bios_information(structure).vendor, "BIOS");
    }
    if (seen == 0) return judge.nothing_to_judge("the SMBIOS table has no BIOS");
    judge.holds(examined.basis(), fmt::format("{} BIOS structure{} of SMBIOS", seen, seen == 1 ? "" : "s"));
}

}  // namespace

const Check checks::bios_vendor_is_approved{
    .claim = TrustClaim::hardware, .required = true, .judge = judge_maker};

}  // namespace assay
