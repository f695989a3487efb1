#pragma once

#include <functional>

#include <CLI/CLI.hpp>

#include "agent/settings.h"

namespace assay {

/// `assay-agent journal init | status | verify | remove`: the device journal and the TPM's indices for it.
/// `settings` is asked when one of them runs.
void add_journal_commands(CLI::App& app, std::function<Result<Settings>()> settings);

}  // namespace assay
