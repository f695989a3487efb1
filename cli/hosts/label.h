#pragma once

#include <string>
#include <vector>

#include "cli/context.h"
#include "verifier/judge/appraisal/policy/policy_scope.h"

namespace assay::cli {

/// `assay hosts label`.
void add_hosts_label(command_line::Command& hosts, Context& context);

/// Of texts "role=database"; `usage` for another form, and for a name that is given twice.
Result<judge::Labels> labels_from(const std::vector<std::string>& texts);

}  // namespace assay::cli
