#pragma once

#include "client/command_line/command_line.h"
#include "verifier/service/setup/state_folder.h"

/// `assay-verifier audit`: on the verifier's machine itself, of a database that nobody need serve.
namespace assay::setup {

/// Prints what contradicts the acts. `contraindicated` where something does.
Result<command_line::ExitCode> audit_verify(const StateFolder& state, bool json = false);
/// `usage` for what cannot be a reason: shown to people, in one line.
Result<> check_reason(const std::string& reason);
/// The act that says that the database was set back, by whoever is logged in, and why.
Result<> audit_restored(const StateFolder& state, const std::string& reason, std::int64_t now);

}  // namespace assay::setup
