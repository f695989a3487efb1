#pragma once

#include "cli/context.h"

/// One line a kind in inspect.inc, one function here, one file <kind>.cpp. A kind that only shows
/// what is in a file uses file.h; one that judges it answers in the form of verdict.h.
namespace assay::cli {

#define INSPECT(kind) void add_inspect_##kind(command_line::Command& parent, Context& context);
#include "cli/inspect/inspect.inc"
#undef INSPECT

}  // namespace assay::cli
