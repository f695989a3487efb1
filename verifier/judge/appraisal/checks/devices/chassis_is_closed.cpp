#include <fmt/core.h>

#include "evidence/wire/section/section_names.h"
#include "verifier/judge/appraisal/steps/examined.h"

namespace assay::judge {
namespace {

void judge_sensors(const Examined& examined, Judge& judge) {
    const auto& sensors = examined.claims.chassis;
    if (!sensors) return judge.report_absent(examined, section::kChassis);
    if (sensors->empty())
        return judge.no_answer(NoAnswer::does_not_apply, "this host has no intrusion sensor");
    judge.covered(examined.basis(), sensors->size(), fmt::format("{} intrusion sensors", sensors->size()));
    for (const auto& sensor : *sensors) {
        if (!sensor.alarm) continue;
        judge.report(findings::chassis_intrusion, Tier::warning, examined.basis(),
                     {.subject = "chassis sensor " + shown(sensor.name),
                      .expected = "no alarm",
                      .actual = "alarm",
                      .evidence = "chassis: " + shown(sensor.name)});
    }
}

}  // namespace

const Check checks::chassis_is_closed{
    .claim = TrustClaim::hardware, .required = false, .judge = judge_sensors};

}  // namespace assay::judge
