#pragma once

#include "cli/context.h"

/// What was told of hosts and is not over, and who has acknowledged it.
namespace assay::cli {

/// `assay host matters`.
void add_host_matters(command_line::Command& host, Context& context);
/// `assay findings ack`, `acks`.
void add_findings_acknowledging(command_line::Command& findings, Context& context);

}  // namespace assay::cli
