#pragma once

#include <functional>
#include <memory>

#include "agent/settings.h"
#include "client/command_line/command.h"

namespace assay::agent {

/// The whole command line of assay-agent. What it stores the options in lives as long as the app's callbacks.
void add_agent_commands(command_line::Command& app);

/// Gives the settings that the command line names, when a command runs.
using AskSettings = std::function<Result<Settings>()>;
/// Whether --json was given, once a command runs.
using AsJson = std::shared_ptr<const bool>;
/// `assay-agent journal init | status | verify | remove`: the device journal and the TPM's indices for it.
void add_journal_commands(command_line::Command& app, AskSettings settings, AsJson json);
/// `assay-agent gate status | open | close | trust`.
void add_gate_commands(command_line::Command& app, AskSettings settings, AsJson json);
/// `assay-agent helper pci | token`: what root does for the service, so that the service need not be root.
void add_helper_commands(command_line::Command& app, AskSettings settings, AsJson json);
/// `assay-agent session open | sign | heartbeat | close | late | add | list`: statements of technician and
/// escort at a host that has no network, into its journal.
void add_session_commands(command_line::Command& app, AskSettings settings, AsJson json);

}  // namespace assay::agent
