#pragma once

#include "cli/context.h"

namespace assay::cli {

/// `assay hosts register`, `registered`, `refusals`, `replace`, `replacements`, `release`.
void add_hosts_admission(command_line::Command& hosts, Context& context);

}  // namespace assay::cli
