#include <fmt/core.h>

#include "verifier/judge/appraisal/steps/examined.h"

namespace assay::judge {
namespace {

bool is_of_sections(ChangeKind kind) {
    return kind == ChangeKind::section;
}

void judge_sections(const Examined& examined, Judge& judge) {
    const auto open = report_matters(examined.matters, judge, [](const OpenMatter& matter) {
        return matter.change && is_of_sections(matter.change->kind);
    });
    if (open != 0) judge.require();
    report_planned(examined.matters, judge, examined.basis(),
                   [](const HostChange& change) { return is_of_sections(change.kind); });
    if (!examined.inputs.known_host.previous)
        return judge.no_answer(NoAnswer::does_not_apply, "nothing was attested before");
    const auto& manifest = examined.authentication.manifest;
    const auto sections = manifest ? manifest->entries.size() : 0;
    judge.covered(
        examined.basis(), sections,
        fmt::format("{} sections, against those of the report before; missing or not acknowledged: {}",
                    sections, open));
}

}  // namespace

const Check checks::sections_are_as_before{
    .claim = TrustClaim::sourced_data, .required = false, .judge = judge_sections};

}  // namespace assay::judge
