#pragma once

#include "cli/context.h"

namespace assay::cli {

/// `assay hosts unproven`.
void add_hosts_unproven(command_line::Command& hosts, Context& context);

}  // namespace assay::cli
