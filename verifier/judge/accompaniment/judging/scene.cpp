#include "verifier/judge/accompaniment/judging/scene.h"

#include "verifier/judge/accompaniment/judging/escort.h"

namespace assay::accompaniment {

Rights rights_of(std::string_view person, const Scene& scene) {
    const auto& directory = scene.knowledge.directory();
    Rights out;
    const auto ask = [&](const Person* entry, const std::vector<std::string_view>& around, Tri answer) {
        if (entry == nullptr) return;
        if (out.alone == Tri::no && has_right(entry->unescorted_zones, around)) out.alone = answer;
        if (out.escort == Tri::no && has_right(entry->escort_zones, around)) out.escort = answer;
    };
    ask(directory.person(person, scene.as_of), scene.around, Tri::yes);
    const bool all = out.alone == Tri::yes && out.escort == Tri::yes;
    if (!all && directory.newest_receipt() > scene.as_of)
        ask(directory.person(person), scene.around_now, Tri::unknown);
    return out;
}

Scene scene_of(const DeviceEvent& event, const Host& host, const Knowledge& knowledge, Millis now) {
    const auto& directory = knowledge.directory();
    const auto as_of = event.time.from;
    const bool known = directory.zone(host.zone, as_of) != nullptr;
    Scene out{.event = event,
              .host = host,
              .knowledge = knowledge,
              .now = now,
              .span = event.time.widened(event.clock_bound),
              .as_of = as_of,
              .zone = directory.presence_zone(host, known ? as_of : kNow),
              .people = {},
              .around = {},
              .around_now = {}};
    out.around = directory.around(out.zone, as_of);
    out.around_now = directory.around(out.zone);
    for (auto& seen : knowledge.presences().people(out.zone, event.time, event.clock_bound, as_of)) {
        const auto rights = rights_of(seen.person, out);
        out.people.push_back(
            {.person = std::move(seen.person), .presence = std::move(seen.presence), .rights = rights});
    }
    return out;
}

}  // namespace assay::accompaniment
