#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "verifier/judge/accompaniment/judging/knowledge.h"

namespace assay::accompaniment {

/// A session that is open at a host, and what may be used in it.
struct OpenSession {
    std::string session;
    std::string order;
    std::vector<DeviceRule>
        devices;       ///< of the order and of the allow list, that may be connected; never empty
    Millis until = 0;  ///< when the escort's newest sign of life ends
};

/// Sessions of the host in which work may go on at `now`: signed by a technician of the order and by somebody
/// who may escort there, the escort's newest signature fresh, the order in force, in its window, with the
/// host in its scope and known to count, and no hand behind two of directory, order and signature. Badges say
/// nothing here: their feed comes later, and the judgement of each device event asks it. `boot_id`: of the
/// host; a session of another boot does not count.
std::vector<OpenSession> open_sessions(const Host& host, std::string_view boot_id, const Knowledge& knowledge,
                                       Millis now);

}  // namespace assay::accompaniment
