#pragma once

#include "agent/usb/kernel/uevent_socket.h"

namespace assay {

/// The socket that systemd passed (sd_listen_fds(3)): it is kept open by systemd, so events wait in it while
/// the agent restarts, and the agent needs no CAP_NET_ADMIN for its buffer. Where none was passed, one of the
/// agent's own. May be called again when the first was closed: the passed one stays. `unsupported` where
/// something else was passed, or more than one: never silently another socket than the unit's.
Result<UeventSocket> open_uevent_socket();

}  // namespace assay
