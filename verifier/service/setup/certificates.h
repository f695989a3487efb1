#pragma once

#include "client/command_line/command_line.h"
#include "verifier/service/setup/own_certificates.h"

/// `assay-verifier certificates`: on the verifier's machine itself.
namespace assay::setup {

/// Prints the own certificates with their ends. `warning` where one ends within 60 days, `contraindicated`
/// where one has ended or is not valid yet.
Result<command_line::ExitCode> certificates_list(const StateFolder& state, bool json, std::int64_t now);
/// Renews and prints what was done. `warning` where one was left alone.
Result<command_line::ExitCode> certificates_renew(const RenewOptions& options, bool json, std::int64_t now);

}  // namespace assay::setup
