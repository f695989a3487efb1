#pragma once

#include <functional>

#include <CLI/CLI.hpp>

#include "agent/settings.h"

namespace assay {

/// `assay-agent gate status|open|close|trust`.
void add_gate_commands(CLI::App& app, std::function<Result<Settings>()> settings);

}  // namespace assay
