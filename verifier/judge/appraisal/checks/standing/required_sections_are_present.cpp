#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include <fmt/core.h>

#include "evidence/wire/section/section_names.h"
#include "verifier/judge/appraisal/steps/examined.h"

namespace assay::judge {
namespace {

// Who leaves out the gaps hides what is missing, and without a clock nothing on the host has a time.
constexpr std::array kAlways{section::kClock, section::kGaps};

void judge_required(const Examined& examined, Judge& judge) {
    const auto& required = examined.inputs.policy.required_sections;
    std::size_t count = 0;
    const auto look = [&](std::string_view name) {
        ++count;
        // A part of a list that goes on from what was judged before is as good as all of it.
        if (name == section::kImaLog && examined.logs.ima) return;
        if (!examined.sections.find(name)) judge.report_absent(examined, name);
    };
    std::ranges::for_each(required, look);
    for (const auto name : kAlways) {
        if (!required.contains(std::string(name))) look(name);
    }
    judge.covered(examined.basis(), count, fmt::format("{} required sections", count));
}

}  // namespace

const Check checks::required_sections_are_present{
    .claim = TrustClaim::sourced_data, .required = true, .judge = judge_required};

}  // namespace assay::judge
