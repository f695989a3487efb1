#include "verifier/judge/appraisal/checks/vendor_judgement.h"

namespace assay {
namespace {

void judge_them(const Examined& examined, Judge& judge) {
    judge_makers(examined, judge, vendors::Component::cpu, "processor");
}

}  // namespace

const Check checks::cpu_vendor_is_approved{
    .claim = TrustClaim::hardware, .required = false, .judge = judge_them};

}  // namespace assay
