#pragma once

#include <functional>

#include "agent/settings.h"
#include "client/command_line/command.h"

namespace assay {

/// `assay-agent gate status|open|close|trust`.
void add_gate_commands(command_line::Command& app, std::function<Result<Settings>()> settings);

}  // namespace assay
