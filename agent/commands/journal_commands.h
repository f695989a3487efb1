#pragma once

#include <functional>

#include "agent/settings.h"
#include "client/command_line/command.h"

namespace assay {

/// `assay-agent journal init | status | verify | remove`: the device journal and the TPM's indices for it.
/// `settings` is asked when one of them runs.
void add_journal_commands(command_line::Command& app, std::function<Result<Settings>()> settings);

}  // namespace assay
