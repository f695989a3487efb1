#include "verifier/judge/appraisal/facts/standing/identity.h"
#include "verifier/judge/appraisal/steps/examined.h"

namespace assay::judge {

const Check checks::quote_is_authentic_and_bound{
    .claim = TrustClaim::instance_identity,
    .required = true,
    .judge = [](const Examined& examined, Judge& judge) {
        if (examined.authentication.verified) {
            const bool endorsed = ek_standing(examined.inputs)->trusted;
            judge.covered(
                endorsed ? Basis::endorsed : Basis::bound, 1,
                "signature, nonce, PCR selection and manifest of the quote; the key's attributes and "
                "its endorsement");
        }
        judge.merge(examined.authentication.findings);
    }};

}  // namespace assay::judge
