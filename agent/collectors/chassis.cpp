#include <fmt/core.h>

#include "agent/collectors/collectors.h"
#include "agent/devices/host/attributes.h"
#include "evidence/base/limits.h"

namespace assay::agent {

namespace {

constexpr std::string_view kMonitors = "/sys/class/hwmon";

bool is_intrusion_alarm(std::string_view attribute) {
    return attribute.starts_with("intrusion") && attribute.ends_with("_alarm");
}

}  // namespace

/// hwmon's chassis-intrusion sensors (kernel Documentation/hwmon/sysfs-interface). A machine without one has
/// an empty section and a gap: it cannot tell.
std::optional<Bytes> collect_chassis(const Machine& machine, GapLog& gaps) {
    auto& host = machine.host;
    const auto monitors = gaps.value_of(host.list(kMonitors), section::kChassis, kMonitors);
    if (!monitors) return std::nullopt;
    std::vector<IntrusionSensor> sensors;
    for (const auto& monitor : *monitors) {
        const auto folder = fmt::format("{}/{}", kMonitors, monitor);
        const auto attributes = gaps.value_of(host.list(folder), section::kChassis, folder);
        for (const auto& attribute : attributes.value_or(std::vector<std::string>{})) {
            if (!is_intrusion_alarm(attribute)) continue;
            const auto path = fmt::format("{}/{}", folder, attribute);
            auto alarm = read_number(host, path);
            if (alarm && sensors.size() == limits::kSensors)
                alarm = fail(ErrorCode::limit, "too many sensors");
            if (!alarm) {
                gaps.add(section::kChassis, path, alarm.error());
                continue;
            }
            sensors.push_back(
                {fmt::format("{}/{}", read_optional_text(host, folder + "/name"), attribute), *alarm != 0});
        }
    }
    if (sensors.empty()) {
        gaps.add(section::kChassis, fmt::format("{}/*/intrusion*_alarm", kMonitors),
                 {ErrorCode::not_found, "no chassis-intrusion sensor", {}});
    }
    return encode_chassis_section(sensors);
}

}  // namespace assay::agent
