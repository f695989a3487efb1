#include <fmt/core.h>

#include "evidence/base/text.h"
#include "vendor-db/model/firmware.h"
#include "verifier/judge/appraisal/checks/vendor_judgement.h"
#include "verifier/judge/appraisal/facts/parts/firmware_rules.h"

namespace assay::judge {
namespace {

using vendors::FirmwareRule;
using vendors::FirmwareStanding;

struct Verdict {
    const FindingKind* kind = nullptr;  // null: nothing against it
    Tier tier = Tier::affirming;
};

Verdict verdict_of(FirmwareStanding standing) {
    switch (standing) {
        case FirmwareStanding::denied:
            return {&findings::firmware_denied, Tier::contraindicated};
        case FirmwareStanding::below_minimum:
            return {&findings::firmware_below_minimum, Tier::warning};
        case FirmwareStanding::unparseable:
            return {&findings::firmware_unparseable, Tier::none};
        default:
            return {};
    }
}

std::string expected_by(const FirmwareRule& rule) {
    std::string denied;
    for (const auto& each : rule.denied) denied += (denied.empty() ? "" : ", ") + shown(each);
    return fmt::format(
        "{}{}{}{} ({}, {} [{}])", rule.minimum.empty() ? "" : "at least " + shown(rule.minimum),
        rule.minimum.empty() || denied.empty() ? "" : ", ", denied.empty() ? "" : "none of " + denied,
        rule.series.empty() ? "" : " in the series " + shown(rule.series), shown(rule.advisory),
        vendors::date_text(rule.date), shown(rule.where));
}

void judge_firmware_versions(const Examined& examined, Judge& judge) {
    const auto& rules = examined.inputs.vendors.firmware();
    if (rules.empty())
        return judge.no_answer(NoAnswer::not_asked, "the vendor data has no rule about firmware");
    std::size_t judged = 0;
    for (const auto& part : examined.parts.list()) {
        for (const auto* about : rules_about(examined.inputs.vendors, examined.parts.list(), part)) {
            const auto& rule = *about;
            const auto& version = version_of(part, rule);
            const auto standing = vendors::standing(rule, version);
            if (standing == FirmwareStanding::not_of_series) continue;
            ++judged;
            judge.require();
            const auto verdict = verdict_of(standing);
            if (verdict.kind == nullptr) continue;
            judge.report(*verdict.kind, verdict.tier, examined.basis(),
                         {.subject = "firmware of " + subject_of(part),
                          .expected = expected_by(rule),
                          .actual = version.empty() ? std::string("no version") : "'" + shown(version) + "'",
                          .evidence = part.evidence});
        }
    }
    if (judged == 0)
        return judge.no_answer(NoAnswer::does_not_apply, "no rule about firmware covers a part of this host");
    judge.covered(examined.basis(), judged, fmt::format("{} firmware versions that a rule covers", judged));
}

}  // namespace

const Check checks::firmware_versions_are_approved{
    .claim = TrustClaim::executables, .required = false, .judge = judge_firmware_versions};

}  // namespace assay::judge
