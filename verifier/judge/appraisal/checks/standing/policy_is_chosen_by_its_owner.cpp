#include <fmt/core.h>

#include "evidence/base/text.h"
#include "verifier/judge/appraisal/steps/examined.h"

namespace assay::judge {
namespace {

void judge_choice(const Examined& examined, Judge& judge) {
    const auto& known = examined.inputs.known_host;
    if (!known.policy_by && !known.purchase_site)
        return judge.no_answer(NoAnswer::does_not_apply, "this host has no label that could choose a policy");
    judge.covered(Basis::bound, 1, known.policy_by ? "chosen by " + shown(*known.policy_by) : "by no label");
    if (!known.purchase_site) return;
    const auto& line = *known.purchase_site;
    judge.report(findings::policy_site_unconfirmed, Tier::warning, Basis::bound,
                 {.subject = "site",
                  .expected = fmt::format("the site {} of its purchase line as a label by an administrator",
                                          shown(line.site)),
                  .actual = fmt::format("the word of {} alone, {}; {}", shown(line.by), utc_text(line.at),
                                        known.site ? "the label is " + shown(*known.site) : "no label"),
                  .evidence = "known host: purchase_site"});
}

}  // namespace

const Check checks::policy_is_chosen_by_its_owner{
    .claim = TrustClaim::configuration, .required = false, .judge = judge_choice};

}  // namespace assay::judge
