#include "verifier/judge/appraisal/policy/grandfather.h"

#include <algorithm>

#include <fmt/core.h>

#include "verifier/judge/appraisal/checks/check.h"

namespace assay::judge {
namespace {

bool is_same_part(const HostComponent& part, const SeenComponent& seen) {
    if (seen.kind != vendors::to_string(part.kind) || seen.serial != part.serial) return false;
    return std::ranges::any_of(part.maker, [&](const MakerId& id) {
        return std::ranges::find(seen.maker, seen_maker(id)) != seen.maker.end();
    });
}

}  // namespace

std::string seen_maker(const MakerId& id) {
    return fmt::format("{} {}", vendors::to_string(id.ns), id.value);
}

PartException exception_for(const HostComponent& part, const vendors::Grandfather& rule, Basis basis,
                            const KnownHost& known, std::int64_t now) {
    const auto none = [](std::string why) { return PartException{false, "no exception: " + std::move(why)}; };
    if (basis == Basis::self_reported) return none("nothing signed vouches for this evidence");
    if (now >= rule.expires) return none("it ended on " + vendors::date_text(rule.expires));
    if (part.serial.empty() || vendors::is_placeholder(part.serial))
        return none("the part's serial cannot be read");
    if (!known.seen) return none("no earlier evidence of parts is known");
    const SeenComponent* first = nullptr;
    for (const auto& seen : *known.seen) {
        if (!is_same_part(part, seen)) continue;
        if (seen.host != known.name)
            return none(fmt::format("the part was also seen in host {}", shown(seen.host)));
        if (first == nullptr || seen.first_seen < first->first_seen) first = &seen;
    }
    if (first == nullptr) return none("earlier signed evidence of this host does not have this part");
    if (first->first_seen >= rule.first_seen_before) {
        return none(fmt::format("the part was first seen on {}, not before {}",
                                vendors::date_text(first->first_seen),
                                vendors::date_text(rule.first_seen_before)));
    }
    return {true, fmt::format("excepted until {}: this part was seen here on {}, before {}",
                              vendors::date_text(rule.expires), vendors::date_text(first->first_seen),
                              vendors::date_text(rule.first_seen_before))};
}

}  // namespace assay::judge
