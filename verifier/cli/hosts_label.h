#pragma once

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "verifier/appraisal/policy_scope.h"
#include "verifier/cli/context.h"

namespace assay::cli {

/// `assay hosts label`.
void add_hosts_label(CLI::App& hosts, Context& context);

/// Of texts "role=database"; `usage` for another form, and for a name that is given twice.
Result<Labels> labels_from(const std::vector<std::string>& texts);

}  // namespace assay::cli
