#include <algorithm>

#include <fmt/core.h>

#include "verifier/judge/appraisal/steps/examined.h"

namespace assay::judge {
namespace {

bool is_of_parts(ChangeKind kind) {
    return kind == ChangeKind::part || kind == ChangeKind::firmware;
}

void judge_parts(const Examined& examined, Judge& judge) {
    const auto open = report_matters(examined.matters, judge, [](const OpenMatter& matter) {
        return matter.change && is_of_parts(matter.change->kind);
    });
    report_planned(examined.matters, judge, examined.basis(),
                   [](const HostChange& change) { return is_of_parts(change.kind); });
    if (!examined.inputs.known_host.previous)
        return judge.no_answer(NoAnswer::does_not_apply, "nothing was attested before");
    // Of USB devices the journal tells.
    const auto parts = std::ranges::count_if(examined.parts.list(), [](const HostComponent& part) {
        return part.kind != vendors::Component::usb;
    });
    judge.covered(examined.basis(), static_cast<std::size_t>(parts),
                  fmt::format("{} parts and their firmware, against those attested before; open changes: {}",
                              parts, open));
}

}  // namespace

const Check checks::parts_are_as_before{
    .claim = TrustClaim::hardware, .required = false, .judge = judge_parts};

}  // namespace assay::judge
