#pragma once

#include <CLI/CLI.hpp>

#include "cli/context.h"

namespace assay::cli {

/// `assay hosts register`, `registered`, `refusals`, `replace`, `replacements`, `release`.
void add_hosts_admission(CLI::App& hosts, Context& context);

}  // namespace assay::cli
