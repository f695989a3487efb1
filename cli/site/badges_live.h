#pragma once

#include "cli/context.h"

namespace assay::cli {

/// `assay badges list|rejected`: badge feeds that the verifier has.
void add_badges_live(command_line::Command& badges, Context& context);

}  // namespace assay::cli
