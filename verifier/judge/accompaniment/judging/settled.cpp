#include "verifier/judge/accompaniment/judging/settled.h"

#include <algorithm>

#include <fmt/core.h>

namespace assay::accompaniment {

std::optional<std::string> settled_by_signature(const Presence& presence, std::string_view person,
                                                const Scene& scene) {
    if (!presence.crossing) return {};
    const auto& sessions = scene.knowledge.sessions();
    const auto& event = scene.event.time;
    const auto& door = presence.crossing->time;
    // Another row of that time may still come.
    if (scene.knowledge.presences().settled(scene.zone, scene.span.to, scene.span.to).value != Tri::yes)
        return {};
    const Span near{std::min(door.from, event.from), event.to + scene.knowledge.policy().heartbeat};
    auto all = sessions.signatures_of(person, scene.host, near, scene.as_of);
    for (const auto* late : sessions.late(scene.event)) {
        if (sessions.signed_by(late->escort, person, scene.as_of)) all.push_back(&late->escort);
    }
    bool before = presence.crossing->leaving;
    std::optional<Millis> after;
    for (const auto* signature : all) {
        if (signature->posted && signature->at > door.to) continue;
        if (signature->at >= door.from && signature->at <= event.from) before = true;
        if (signature->at > event.to && signature->at <= near.to)
            after = std::min(after.value_or(signature->at), signature->at);
    }
    if (!before || !after) return {};
    return fmt::format("passed a door within the clocks' bounds; signed at the host {} s after the event",
                       (*after - event.to) / 1000);
}

}  // namespace assay::accompaniment
