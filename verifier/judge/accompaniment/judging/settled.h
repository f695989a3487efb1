#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "verifier/judge/accompaniment/judging/scene.h"

namespace assay::accompaniment {

/// A door that `person` passed within the clocks' bounds of the event leaves their presence unknown. What
/// they signed at the host soon after the event settles it: a door out was passed after that; a door in was
/// passed before the event only if they signed there before it, too. A signature that was posted counts only
/// up to when the door was passed at the latest: it may be from elsewhere. The text says so; nothing: not
/// settled.
std::optional<std::string> settled_by_signature(const Presence& presence, std::string_view person,
                                                const Scene& scene);

}  // namespace assay::accompaniment
