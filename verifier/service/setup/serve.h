#pragma once

#include <optional>
#include <string>

#include "verifier/service/setup/state_folder.h"

namespace assay::setup {

struct ServeOptions {
    StateFolder state;
    std::optional<std::string> listen;  ///< instead of the configuration's
    unsigned threads = 0;               ///< 0: as many as there are processors
};

/// Loads everything, prints "listening on https://ADDRESS:PORT" when it can be reached (and tells systemd),
/// serves until SIGINT or SIGTERM. SIGHUP reads what is judged by and the server's certificate once more.
Result<> serve(const ServeOptions& options);

}  // namespace assay::setup
