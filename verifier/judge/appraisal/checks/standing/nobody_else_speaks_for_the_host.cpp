#include <fmt/core.h>
#include <fmt/ranges.h>

#include "verifier/judge/appraisal/steps/examined.h"

namespace assay::judge {
namespace {

void judge_unproven(const Examined& examined, Judge& judge) {
    const auto& unproven = examined.inputs.known_host.unproven;
    if (!unproven)
        return judge.no_answer(NoAnswer::cannot_tell, "what came in this host's name was not counted");
    // On the verifier's own word: it is its record, and no evidence of the host.
    judge.covered(Basis::bound, 1,
                  unproven->empty() ? "nothing else came in its name in the last day"
                                    : "something else came in its name in the last day");
    if (unproven->empty()) return;
    std::vector<std::string> reasons;
    for (const auto& reason : *unproven) reasons.push_back(shown(reason));
    // It says nothing against this evidence, and anybody in the network can bring it about: it is told, and
    // does not weigh. For the same reason no number stands here.
    judge.report(findings::host_unproven_evidence, Tier::affirming, Basis::bound,
                 {.subject = "attestation",
                  .expected = "no evidence in this host's name that its TPM did not sign",
                  .actual = fmt::format("some in the last day: {} wrong", fmt::join(reasons, " and ")),
                  .evidence = "known host: unproven"});
}

}  // namespace

const Check checks::nobody_else_speaks_for_the_host{
    .claim = TrustClaim::instance_identity, .required = false, .judge = judge_unproven};

}  // namespace assay::judge
