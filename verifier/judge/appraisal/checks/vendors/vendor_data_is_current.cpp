#include <fmt/core.h>

#include "evidence/base/text.h"
#include "verifier/judge/appraisal/steps/examined.h"

namespace assay::judge {
namespace {

void judge_edition(const Examined& examined, Judge& judge) {
    const auto& edition = examined.inputs.vendors.edition();
    if (!edition)
        return judge.no_answer(NoAnswer::not_asked, "vendor data from files, without a date to expire");
    // On the verifier's own word: it is its data, and no evidence of the host.
    judge.covered(Basis::bound, 1,
                  fmt::format("version {} until {}", edition->version, utc_text(edition->expires)));
    if (examined.inputs.now < edition->expires) return;
    judge.report(findings::vendors_expired, Tier::warning, Basis::bound,
                 {.subject = fmt::format("vendor data version {}", edition->version),
                  .expected = fmt::format("judged before it expires, at {}", utc_text(edition->expires)),
                  .actual = "judged later",
                  .evidence = fmt::format("vendor bundle {}", edition->digest.hex())});
}

}  // namespace

const Check checks::vendor_data_is_current{
    .claim = TrustClaim::sourced_data, .required = false, .judge = judge_edition};

}  // namespace assay::judge
