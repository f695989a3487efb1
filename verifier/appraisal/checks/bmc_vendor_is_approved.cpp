#include <fmt/core.h>

#include "evidence/device/bmc.h"
#include "evidence/wire/section_names.h"
#include "verifier/appraisal/vendor_judgement.h"

namespace assay {
namespace {

void judge_bmc(const Examined& examined, Judge& judge) {
    const auto& bmc = examined.claims.bmc;
    if (!bmc) return judge.lacks(examined, section::kBmc);
    const auto id = bmc::parse_device_id(bmc->device_id);
    if (!id) {
        judge.finds(findings::section_malformed, Tier::warning, examined.basis(),
                    {.subject = "BMC device id",
                     .expected = "the answer to Get Device ID",
                     .actual = describe(id.error()),
                     .evidence = std::string(section::kBmc)});
        return;
    }
    judge.holds(examined.basis(), fmt::format("BMC of IANA enterprise {}", id->manufacturer));
    VendorJudgement judgement(examined, judge, vendors::Component::bmc);
    judgement.judge(
        judgement.vendors().resolve(vendors::Namespace::iana_pen, std::to_string(id->manufacturer)), "BMC",
        fmt::format("IANA enterprise {}, product {}", id->manufacturer, id->product),
        std::string(section::kBmc));
}

}  // namespace

const Check checks::bmc_vendor_is_approved{
    .claim = TrustClaim::hardware, .required = false, .judge = judge_bmc};

}  // namespace assay
