#pragma once

#include <functional>

#include <CLI/CLI.hpp>

#include "agent/settings.h"

namespace assay {

/// `assay-agent session open | sign | heartbeat | close | late | add | list`: statements of technician and
/// escort at a host that has no network, into its journal. `settings` is asked when one of them runs.
void add_session_commands(CLI::App& app, std::function<Result<Settings>()> settings);

}  // namespace assay
