#pragma once

#include <CLI/CLI.hpp>

#include "cli/context.h"

namespace assay::cli {

/// `assay hosts endorse`, `endorsement`.
void add_hosts_endorse(CLI::App& hosts, Context& context);

}  // namespace assay::cli
