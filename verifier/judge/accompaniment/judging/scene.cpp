#include "verifier/judge/accompaniment/judging/scene.h"

namespace assay::accompaniment {

Scene scene_of(const DeviceEvent& event, const Host& host, const Knowledge& knowledge, Millis now) {
    const auto& directory = knowledge.directory();
    const auto as_of = event.time.from;
    const auto zone = directory.presence_zone(host);
    return {.event = event,
            .host = host,
            .knowledge = knowledge,
            .now = now,
            .span = event.time.widened(event.clock_bound),
            .as_of = as_of,
            .zone = zone,
            .people = knowledge.presences().people(zone, event.time, event.clock_bound, as_of)};
}

}  // namespace assay::accompaniment
