#include "verifier/judge/appraisal/checks/vendor_judgement.h"

// The checks that vendor_checks.inc names: each judges the makers of one kind of part.
namespace assay::judge {

#define VENDOR_CHECK(name, kind, noun, is_required)                                             \
    const Check checks::name{.claim = TrustClaim::hardware,                                     \
                             .required = is_required,                                           \
                             .judge = [](const Examined& examined, Judge& judge) {              \
                                 judge_makers(examined, judge, vendors::Component::kind, noun); \
                             }};
#include "verifier/judge/appraisal/checks/vendors/vendor_checks.inc"
#undef VENDOR_CHECK

}  // namespace assay::judge
