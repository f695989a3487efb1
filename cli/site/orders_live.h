#pragma once

#include <CLI/CLI.hpp>

#include "cli/context.h"

namespace assay::cli {

/// `assay orders import|list|show`: work orders that the verifier has.
void add_orders_live(CLI::App& orders, Context& context);

}  // namespace assay::cli
