#pragma once

#include "verifier/service/setup/state_folder.h"

namespace assay::setup {

/// "https://verifier.example:8443": the first name of the server's certificate, which is the first that
/// `init` was given, and the configured port. `usage` where the certificate names no host that a client could
/// be told (a pattern, or none).
Result<std::string> server_url(const StateFolder& state, const Config& config);

}  // namespace assay::setup
