#include "verifier/cli/commands.h"
#include "verifier/cli/vendors.h"

namespace assay::cli {

void add_vendors(CLI::App& app, Context& context) {
    auto* parent =
        command_line::add_group(app, "vendors", "Vendor data: who made it, and what was decided about them");
#define VENDORS(name) add_vendors_##name(*parent, context);
#include "verifier/cli/vendors.inc"
#undef VENDORS
}

}  // namespace assay::cli
