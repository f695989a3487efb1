#pragma once

#include "cli/context.h"

/// One line a subcommand in vendors.inc, one function here, one file <name>.cpp.
namespace assay::cli {

#define VENDORS(name) void add_vendors_##name(command_line::Command& parent, Context& context);
#include "cli/vendors/vendors.inc"
#undef VENDORS

}  // namespace assay::cli
