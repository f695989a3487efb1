#include "cli/commands/commands.h"
#include "cli/provision/watch.h"

namespace assay::cli {

void add_provision(command_line::Command& app, Context& context) {
    auto* provision = command_line::add_group(
        app, "provision", "Take in a delivery of servers, all of a purchase list at once");
    add_provision_watch(*provision, context);
}

}  // namespace assay::cli
