#include "cli/vendors/vendors.h"

#include "cli/commands/commands.h"

namespace assay::cli {

void add_vendors(command_line::Command& app, Context& context) {
    auto* parent =
        command_line::add_group(app, "vendors", "Vendor data: who made it, and what was decided about them");
#define VENDORS(name) add_vendors_##name(*parent, context);
#include "cli/vendors/vendors.inc"
#undef VENDORS
}

}  // namespace assay::cli
