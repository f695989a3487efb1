#include <fmt/core.h>

#include "evidence/base/text.h"
#include "verifier/judge/appraisal/steps/examined.h"

namespace assay::judge {
namespace {

constexpr std::int64_t kNotice_s = 7LL * 24 * 3600;  // so long whoever reads a result should know of it

void judge_replacement(const Examined& examined, Judge& judge) {
    const auto& known = examined.inputs.known_host;
    if (!known.replaced)
        return judge.no_answer(NoAnswer::does_not_apply, "this host's TPM was never exchanged");
    const auto& replaced = *known.replaced;
    // On the verifier's own word: it is its record, and no evidence of the host.
    judge.covered(Basis::bound, 1, fmt::format("exchanged at {}", utc_text(replaced.at)));
    if (examined.inputs.now - replaced.at >= kNotice_s) return;
    judge.report(findings::identity_replaced, Tier::warning, Basis::bound,
                 {.subject = "TPM",
                  .expected = fmt::format("the TPM with EK {}", shown(replaced.old_ek)),
                  .actual = fmt::format("another since {}, by order of {}: {}", utc_text(replaced.at),
                                        shown(replaced.by), shown(replaced.reason)),
                  .evidence = "known host: replaced"});
}

}  // namespace

const Check checks::tpm_was_not_replaced_lately{
    .claim = TrustClaim::instance_identity, .required = false, .judge = judge_replacement};

}  // namespace assay::judge
