#pragma once

#include "cli/context.h"

namespace assay::cli {

/// `assay provision watch`.
void add_provision_watch(command_line::Command& provision, Context& context);

}  // namespace assay::cli
