#include <string>
#include <utility>

#include "verifier/judge/appraisal/facts/standing/activation.h"
#include "verifier/judge/appraisal/facts/standing/identity.h"
#include "verifier/judge/appraisal/steps/examined.h"

namespace assay::judge {

const Check checks::quote_is_authentic_and_bound{
    .claim = TrustClaim::instance_identity,
    .required = true,
    .judge = [](const Examined& examined, Judge& judge) {
        if (examined.authentication.verified) {
            const bool endorsed = ek_standing(examined.inputs)->trusted;
            std::string summary =
                "signature, nonce, PCR selection and manifest of the quote; the key's attributes and "
                "its endorsement";
            if (const auto words = activation_words(examined.inputs); !words.empty()) summary += "; " + words;
            judge.covered(endorsed ? Basis::endorsed : Basis::bound, 1, std::move(summary));
        }
        judge.merge(examined.authentication.findings);
    }};

}  // namespace assay::judge
