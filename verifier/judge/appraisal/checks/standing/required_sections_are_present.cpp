#include <fmt/core.h>

#include "evidence/wire/section/section_names.h"
#include "verifier/judge/appraisal/steps/examined.h"

namespace assay::judge {
namespace {

void judge_required(const Examined& examined, Judge& judge) {
    const auto& required = examined.inputs.policy.required_sections;
    judge.covered(examined.basis(), required.size(), fmt::format("{} required sections", required.size()));
    for (const auto& name : required) {
        // A part of a list that goes on from what was judged before is as good as all of it.
        if (name == section::kImaLog && examined.logs.ima) continue;
        if (!examined.sections.find(name)) judge.report_absent(examined, name);
    }
}

}  // namespace

const Check checks::required_sections_are_present{
    .claim = TrustClaim::sourced_data, .required = true, .judge = judge_required};

}  // namespace assay::judge
