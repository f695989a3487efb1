#include "cli/inspect/inspect.h"

#include "cli/commands/commands.h"

namespace assay::cli {

void add_inspect(command_line::Command& app, Context& context) {
    auto* parent = command_line::add_group(
        app, "inspect", "Show what a file is, byte for byte, and what is verified about it");
#define INSPECT(kind) add_inspect_##kind(*parent, context);
#include "cli/inspect/inspect.inc"
#undef INSPECT
}

}  // namespace assay::cli
