#include <fmt/core.h>

#include "verifier/judge/appraisal/steps/examined.h"

namespace assay::judge {
namespace {

std::string here(const RolledBack& back) {
    if (!back.ours) return fmt::format("{} acts in all", back.size);
    if (*back.ours != back.head) return fmt::format("head {}", back.ours->hex());
    return "that act, and not the result that this host was told with it";
}

void judge_verifier(const Examined& examined, Judge& judge) {
    const auto& back = examined.inputs.known_host.rolled_back;
    if (!back)
        return judge.no_answer(NoAnswer::cannot_tell,
                               "nothing that this host was shown before is missing at the verifier");
    judge.covered(Basis::bound, 1, "this host was shown what the verifier has no more");
    const auto got = here(*back);
    const auto expected =
        fmt::format("act {} with head {}, as this host was shown", back->number, back->head.hex());
    if (back->restored.empty())
        return judge.report(findings::verifier_rolled_back, Tier::contraindicated, Basis::bound,
                            {.subject = "verifier",
                             .expected = expected,
                             .actual = got,
                             .evidence = "known host: rolled_back"});
    judge.report(findings::verifier_restored, Tier::warning, Basis::bound,
                 {.subject = "verifier",
                  .expected = expected,
                  .actual = fmt::format("{}; set back by {}", got, shown(back->restored)),
                  .evidence = "known host: rolled_back"});
}

}  // namespace

const Check checks::verifier_goes_forward{
    .claim = TrustClaim::instance_identity, .required = false, .judge = judge_verifier};

}  // namespace assay::judge
