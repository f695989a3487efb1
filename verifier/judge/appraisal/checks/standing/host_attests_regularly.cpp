#include <fmt/core.h>

#include "evidence/base/text.h"
#include "verifier/judge/appraisal/facts/standing/silence.h"
#include "verifier/judge/appraisal/steps/examined.h"

namespace assay::judge {
namespace {

void judge_silence(const Examined& examined, Judge& judge) {
    const auto& known = examined.inputs.known_host;
    const auto& policy = examined.inputs.policy;
    const auto last = last_attested(known);
    if (last == 0)
        return judge.no_answer(NoAnswer::does_not_apply, "when this host attested before is not known");
    const auto now = examined.inputs.challenge.issued_at;
    // On the verifier's own word: it is its record, and no evidence of the host.
    judge.covered(Basis::bound, 1,
                  known.boot_clock ? "attested before" : fmt::format("enrolled at {}", utc_text(last)));
    if (!is_silence(policy, last, now)) return;
    judge.report(findings::host_was_silent, Tier::warning, Basis::bound,
                 {.subject = "attestation",
                  .expected = fmt::format("one every {}", length_text(policy.attestation_interval_s)),
                  .actual = fmt::format("none from {} to {}: {}", utc_text(last), utc_text(now),
                                        length_text(now - last)),
                  .evidence = known.boot_clock ? "known host: boot_clock" : "known host: enrolled_at"});
}

}  // namespace

const Check checks::host_attests_regularly{
    .claim = TrustClaim::sourced_data, .required = false, .judge = judge_silence};

}  // namespace assay::judge
