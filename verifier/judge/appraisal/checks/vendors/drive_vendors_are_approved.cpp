#include "verifier/judge/appraisal/checks/vendor_judgement.h"

namespace assay {
namespace {

void judge_them(const Examined& examined, Judge& judge) {
    judge_makers(examined, judge, vendors::Component::drive, "drive");
}

}  // namespace

const Check checks::drive_vendors_are_approved{
    .claim = TrustClaim::hardware, .required = true, .judge = judge_them};

}  // namespace assay
