#include "verifier/judge/appraisal/checks/vendor_judgement.h"

namespace assay {
namespace {

void judge_them(const Examined& examined, Judge& judge) {
    judge_makers(examined, judge, vendors::Component::nic, "network interface");
}

}  // namespace

const Check checks::nic_vendors_are_approved{
    .claim = TrustClaim::hardware, .required = true, .judge = judge_them};

}  // namespace assay
