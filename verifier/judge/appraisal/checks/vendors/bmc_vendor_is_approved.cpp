#include "verifier/judge/appraisal/checks/vendor_judgement.h"

namespace assay {
namespace {

void judge_bmc(const Examined& examined, Judge& judge) {
    judge_makers(examined, judge, vendors::Component::bmc, "BMC");
}

}  // namespace

const Check checks::bmc_vendor_is_approved{
    .claim = TrustClaim::hardware, .required = false, .judge = judge_bmc};

}  // namespace assay
