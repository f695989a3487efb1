#pragma once

#include "cli/context.h"

namespace assay::cli {

/// `assay hosts endorse`, `endorsement`.
void add_hosts_endorse(command_line::Command& hosts, Context& context);

}  // namespace assay::cli
