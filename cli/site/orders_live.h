#pragma once

#include "cli/context.h"

namespace assay::cli {

/// `assay orders import|list|show`: work orders that the verifier has.
void add_orders_live(command_line::Command& orders, Context& context);

}  // namespace assay::cli
