#pragma once

#include <string_view>
#include <vector>

#include "verifier/judge/accompaniment/event.h"
#include "verifier/judge/accompaniment/judging/knowledge.h"

namespace assay::accompaniment {

/// What somebody may do in the zone of an event, as the directory had it then; unknown: only what it was told
/// since says so.
struct Rights {
    Tri alone = Tri::no;   ///< be there alone
    Tri escort = Tri::no;  ///< escort there
};

/// Somebody who was, or may have been, in the zone of an event.
struct Present {
    std::string person;
    Presence presence;
    Rights rights;
};

/// One event at one host, and who was or may have been in its zone: asked once for all orders and escorts.
/// Lives no longer than its arguments.
struct Scene {
    const DeviceEvent& event;
    const Host& host;
    const Knowledge& knowledge;
    Millis now;
    Span span;              ///< the event, with its clock's bound
    Millis as_of;           ///< what the directory knew then counts
    std::string_view zone;  ///< where presence is asked
    std::vector<Present> people;
    std::vector<std::string_view> around;      ///< the zone and those around it, as the directory had it then
    std::vector<std::string_view> around_now;  ///< as it has it now
};

Scene scene_of(const DeviceEvent& event, const Host& host, const Knowledge& knowledge, Millis now);

Rights rights_of(std::string_view person, const Scene& scene);

}  // namespace assay::accompaniment
