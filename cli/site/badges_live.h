#pragma once

#include <CLI/CLI.hpp>

#include "cli/context.h"

namespace assay::cli {

/// `assay badges list|rejected`: badge feeds that the verifier has.
void add_badges_live(CLI::App& badges, Context& context);

}  // namespace assay::cli
