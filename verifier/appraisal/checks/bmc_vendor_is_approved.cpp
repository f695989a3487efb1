#include "evidence/device/bmc.h"
#include "evidence/wire/section_names.h"
#include "verifier/appraisal/vendor_judgement.h"

namespace assay {
namespace {

void judge_bmc(const Examined& examined, Judge& judge) {
    if (const auto& bmc = examined.claims.bmc) {
        if (const auto id = bmc::parse_device_id(bmc->device_id); !id) {
            return judge.finds(findings::section_malformed, Tier::warning, examined.basis(),
                               {.subject = "BMC device id",
                                .expected = "the answer to Get Device ID",
                                .actual = describe(id.error()),
                                .evidence = std::string(section::kBmc)});
        }
    }
    judge_makers(examined, judge, vendors::Component::bmc, "BMC");
}

}  // namespace

const Check checks::bmc_vendor_is_approved{
    .claim = TrustClaim::hardware, .required = false, .judge = judge_bmc};

}  // namespace assay
