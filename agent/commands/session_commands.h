#pragma once

#include <functional>

#include "agent/settings.h"
#include "client/command_line/command.h"

namespace assay {

/// `assay-agent session open | sign | heartbeat | close | late | add | list`: statements of technician and
/// escort at a host that has no network, into its journal. `settings` is asked when one of them runs.
void add_session_commands(command_line::Command& app, std::function<Result<Settings>()> settings);

}  // namespace assay
