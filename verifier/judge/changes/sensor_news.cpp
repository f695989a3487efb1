#include "verifier/judge/changes/sensor_news.h"

#include <algorithm>
#include <string_view>

#include <fmt/core.h>

#include "evidence/base/digest.h"
#include "verifier/judge/appraisal/checks/check.h"

namespace assay::judge {
namespace {

std::string_view said(const IntrusionSensor& sensor) {
    return sensor.alarm ? "alarm" : "no alarm";
}

}  // namespace

std::vector<SeenChange> sensor_news(const std::vector<IntrusionSensor>& before,
                                    const std::vector<IntrusionSensor>& after, const ChangeSpan& when) {
    std::vector<SeenChange> out;
    for (const auto& sensor : before) {
        if (std::ranges::find(after, sensor.name, &IntrusionSensor::name) != after.end()) continue;
        const auto text = fmt::format("chassis sensor\n{}\n{}", sensor.name, said(sensor));
        out.push_back({.told = {.kind = ChangeKind::part,
                                .id = "part.gone",
                                .subject = "chassis sensor " + shown(sensor.name),
                                .expected = fmt::format("{}, as in the report before", said(sensor)),
                                .actual = "nothing",
                                .where = fmt::format("chassis; {}", when.text()),
                                .before = to_bytes(sha256(as_view(text)).view()),
                                .after = {},
                                .planned = {}}});
    }
    return bounded(std::move(out));
}

}  // namespace assay::judge
