#pragma once

#include <string_view>
#include <vector>

#include "verifier/judge/accompaniment/event.h"
#include "verifier/judge/accompaniment/judging/knowledge.h"

namespace assay::accompaniment {

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
    std::vector<Presences::Seen> people;
};

Scene scene_of(const DeviceEvent& event, const Host& host, const Knowledge& knowledge, Millis now);

}  // namespace assay::accompaniment
