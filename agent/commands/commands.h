#pragma once

#include "client/command_line/command.h"

namespace assay {

/// The whole command line of assay-agent. What it stores the options in lives as long as the app's callbacks.
void add_agent_commands(command_line::Command& app);

}  // namespace assay
