#include "verifier/judge/accompaniment/judging/scene.h"

namespace assay::accompaniment {

Scene scene_of(const DeviceEvent& event, const Host& host, const Knowledge& knowledge, Millis now) {
    const auto zone = knowledge.directory().presence_zone(host);
    return {.event = event,
            .host = host,
            .knowledge = knowledge,
            .now = now,
            .span = event.time.widened(event.clock_bound),
            .zone = zone,
            .people = knowledge.presences().people(zone, event.time, event.clock_bound)};
}

}  // namespace assay::accompaniment
