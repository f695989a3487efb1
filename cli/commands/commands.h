#pragma once

#include "cli/context.h"

/// One line a command in commands.inc, one function here, one file <name>.cpp.
namespace assay::cli {

#define COMMAND(name) void add_##name(command_line::Command& app, Context& context);
#include "cli/commands/commands.inc"
#undef COMMAND

}  // namespace assay::cli
