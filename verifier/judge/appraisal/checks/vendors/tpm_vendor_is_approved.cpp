#include "verifier/judge/appraisal/checks/vendor_judgement.h"

namespace assay {
namespace {

void judge_them(const Examined& examined, Judge& judge) {
    judge_makers(examined, judge, vendors::Component::tpm, "TPM");
}

}  // namespace

const Check checks::tpm_vendor_is_approved{
    .claim = TrustClaim::hardware, .required = false, .judge = judge_them};

}  // namespace assay
