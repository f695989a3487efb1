#include "verifier/judge/appraisal/checks/vendor_judgement.h"

namespace assay {
namespace {

void judge_them(const Examined& examined, Judge& judge) {
    judge_makers(examined, judge, vendors::Component::memory, "memory module");
}

}  // namespace

const Check checks::memory_vendors_are_approved{
    .claim = TrustClaim::hardware, .required = false, .judge = judge_them};

}  // namespace assay
