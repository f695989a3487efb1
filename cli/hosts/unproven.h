#pragma once

#include <CLI/CLI.hpp>

#include "cli/context.h"

namespace assay::cli {

/// `assay hosts unproven`.
void add_hosts_unproven(CLI::App& hosts, Context& context);

}  // namespace assay::cli
