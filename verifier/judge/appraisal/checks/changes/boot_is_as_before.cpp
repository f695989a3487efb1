#include <algorithm>

#include <fmt/core.h>

#include "evidence/wire/section/section_names.h"
#include "verifier/judge/appraisal/steps/examined.h"

namespace assay::judge {
namespace {

bool is_of_boot(ChangeKind kind) {
    return kind == ChangeKind::boot || kind == ChangeKind::keys;
}

void judge_boot(const Examined& examined, Judge& judge) {
    const auto& known = examined.inputs.known_host;
    const auto& logs = examined.logs;
    const auto open = report_matters(examined.matters, judge, [](const OpenMatter& matter) {
        return matter.change && is_of_boot(matter.change->kind);
    });
    report_planned(examined.matters, judge, logs.basis,
                   [](const HostChange& change) { return is_of_boot(change.kind); });
    if (!known.previous) return judge.no_answer(NoAnswer::does_not_apply, "nothing was attested before");
    if (known.news && !known.news->not_compared.empty()) {
        judge.require();
        return judge.report(findings::boot_not_compared, Tier::none, logs.basis,
                            {.subject = "boot",
                             .expected = "the events of each PCR, under the quote",
                             .actual = known.news->not_compared,
                             .evidence = std::string(section::kBootEventLog)});
    }
    if (logs.basis != Basis::quoted || !logs.boot)
        return judge.no_answer(NoAnswer::cannot_tell, "no boot event log that a quote vouches for");
    const auto explained = std::ranges::count_if(logs.boot->comparisons(), [](const auto& each) {
        return each.agreement == tcg::PcrAgreement::match;
    });
    judge.covered(
        logs.basis, static_cast<std::size_t>(explained),
        fmt::format("{} PCRs whose events replay, against the boot attested before; open changes: {}",
                    explained, open));
}

}  // namespace

const Check checks::boot_is_as_before{
    .claim = TrustClaim::executables, .required = false, .judge = judge_boot};

}  // namespace assay::judge
