#include <nlohmann/json.hpp>

#include "tests/golden/cases.h"
#include "verifier/judge/appraisal/facts/standing/gone_sections.h"
#include "verifier/judge/appraisal/facts/standing/open_matters.h"

namespace assay::test {
namespace {

using nlohmann::json;

constexpr std::int64_t kToldFirst = 1'700'000'000;

HostChange change_from(const json& value) {
    if (value.contains("section"))
        return judge::gone_section(value.at("section").get<std::string>(), "its collector is switched off");
    const auto id = value.at("id").get<std::string>();
    const auto digest = [&](const char* side) {
        return to_bytes(sha256(as_view(value.at(side).get<std::string>())).view());
    };
    const auto kind = id == "boot.changed"        ? ChangeKind::boot
                      : id == "boot.keys_changed" ? ChangeKind::keys
                      : id == "firmware.changed"  ? ChangeKind::firmware
                                                  : ChangeKind::part;
    return {.kind = kind,
            .id = id,
            .subject = value.at("subject").get<std::string>(),
            .expected = value.at("expected").get<std::string>(),
            .actual = value.at("actual").get<std::string>(),
            .where = "between 2023-11-14 22:00:00Z and 2023-11-14 22:05:00Z",
            .before = digest("expected"),
            .after = digest("actual"),
            .planned = value.value("planned", "")};
}

}  // namespace

bool change_changes(EvidenceBuilder& host, const std::string& name, const json& value) {
    if (name == "attested_before") {
        host.known.previous = sha256(as_view("the result before"));
        return true;
    }
    if (name == "changed") {  // a list of {"id", "subject", "expected", "actual", "planned"} or {"section"}
        host.known.news.emplace();
        for (const auto& each : value) host.known.news->changes.push_back(change_from(each));
        return true;
    }
    if (name == "boot_not_compared") {
        host.known.news.emplace().not_compared = value.get<std::string>();
        return true;
    }
    if (name == "told_before") {  // as "changed", in the report before, and "acknowledged_by"
        host.known.open.emplace();
        for (const auto& each : value) {
            auto& matter = host.known.open->emplace_back(judge::matter_of(change_from(each), kToldFirst));
            if (each.contains("acknowledged_by"))
                matter.acks.push_back({each.at("acknowledged_by").get<std::string>(), kToldFirst});
        }
        return true;
    }
    return false;
}

}  // namespace assay::test
