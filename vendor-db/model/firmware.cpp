#include "vendor-db/model/firmware.h"

#include <algorithm>

#include "evidence/base/text.h"

namespace assay::vendors {
namespace {

std::string folded(std::string_view text) {
    std::string out;
    for (const char c : trimmed(text)) {
        const bool blank = c == ' ' || c == '\t';
        if (blank && out.ends_with(' ')) continue;
        out += blank ? ' ' : lower(c);
    }
    return out;
}

bool begins_with(const Version& version, const Version& series) {
    return version.family == series.family && version.fields.size() >= series.fields.size() &&
           std::equal(series.fields.begin(), series.fields.end(), version.fields.begin());
}

}  // namespace

bool same_model(std::string_view one, std::string_view other) {
    return folded(one) == folded(other);
}

bool covers(const FirmwareRule& rule, std::string_view entity, Component component, std::string_view model) {
    return rule.entity == entity && rule.component == component &&
           (rule.model.empty() || same_model(rule.model, model));
}

FirmwareStanding standing(const FirmwareRule& rule, std::string_view text) {
    // Before anything is parsed: the very text that an advisory names.
    const auto wanted = trimmed(text);
    if (std::ranges::any_of(rule.denied, [&](const std::string& each) { return each == wanted; }))
        return FirmwareStanding::denied;
    const auto version = parse_version(rule.scheme, wanted);
    if (!version) return FirmwareStanding::unparseable;
    if (!rule.series.empty()) {
        const auto series = parse_version(rule.scheme, rule.series);
        if (!series || !begins_with(*version, *series)) return FirmwareStanding::not_of_series;
    }
    for (const auto& each : rule.denied) {
        const auto denied = parse_version(rule.scheme, each);
        if (denied && compare(*version, *denied) == std::partial_ordering::equivalent)
            return FirmwareStanding::denied;
    }
    if (rule.minimum.empty()) return FirmwareStanding::approved;
    const auto minimum = parse_version(rule.scheme, rule.minimum);
    const auto order = minimum ? compare(*version, *minimum) : std::partial_ordering::unordered;
    if (order == std::partial_ordering::unordered) return FirmwareStanding::unparseable;
    return order < 0 ? FirmwareStanding::below_minimum : FirmwareStanding::approved;
}

}  // namespace assay::vendors
