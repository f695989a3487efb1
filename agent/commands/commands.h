#pragma once

#include <CLI/CLI.hpp>

namespace assay {

/// The whole command line of assay-agent. What it stores the options in lives as long as the app's callbacks.
void add_agent_commands(CLI::App& app);

}  // namespace assay
