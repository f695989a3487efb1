#pragma once

#include <optional>
#include <string>
#include <vector>

#include "verifier/judge/accompaniment/event.h"
#include "verifier/judge/accompaniment/policy.h"

namespace assay::accompaniment {

/// One use of a device: from its insertion to its removal. A wiggling cable is one, not many.
struct Occurrence {
    DeviceEvent event;                   ///< the first insertion, with what later ones and the removal add
    std::size_t count = 1;               ///< insertions
    std::optional<DeviceEvent> removal;  ///< absent: still there
    std::optional<Device> morphed_from;  ///< on this port, less than a minute before, another device
    std::string group;                   ///< the id of the first event of its insertion group
    std::vector<std::string> also;       ///< ids of the events that were folded into this one
};

/// Pairs insertions with removals, folds flaps (same port, same descriptors, same serial, gone for less than
/// `policy.flap`), marks morphs (same port, other descriptors, within `policy.morph`) and names insertion
/// groups (same root port within `policy.group`; the hub comes first). Ordered by time, then id.
std::vector<Occurrence> occurrences_of(std::vector<DeviceEvent> events, const Policy& policy);

}  // namespace assay::accompaniment
