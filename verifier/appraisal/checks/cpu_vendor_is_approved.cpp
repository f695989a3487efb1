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
        if (structure.type != smbios::kProcessor) continue;
        ++seen;
        const auto processor = smbios::processor(structure);
        constexpr std::uint8_t kPopulated = 1U << 6U;  // DSP0134 7.5.4
        if (processor.status && (*processor.status & kPopulated) == 0) continue;
        judge_smbios_maker(examined, judge, vendors::Component::cpu, structure, processor.manufacturer,
                           "processor " + shown(processor.socket));
    }
    if (seen == 0) return judge.nothing_to_judge("the SMBIOS table has no processor");
    judge.holds(examined.basis(),
                fmt::format("{} processor structure{} of SMBIOS", seen, seen == 1 ? "" : "s"));
}

}  // namespace

const Check checks::cpu_vendor_is_approved{
    .claim = TrustClaim::hardware, .required = false, .judge = judge_maker};

}  // namespace assay
