#pragma once

#include "cli/context.h"
#include "vendor-db/model/reference_set.h"

/// The commands of `assay reference`, one file each, and what they share.
namespace assay::cli {

void add_reference_capture(command_line::Command& parent, Context& context);
void add_reference_show(command_line::Command& parent, Context& context);
void add_reference_import(command_line::Command& parent, Context& context);

Json to_json(const vendors::ReferenceSet& set);
void print(const vendors::ReferenceSet& set);
/// As a file of vendor data: read back before anybody signs it, never in the place of another. `out` empty:
/// standard output.
Result<command_line::ExitCode> write_reference(const Context& context, const vendors::ReferenceSet& set,
                                               const std::string& out);
/// The same of several sets in one file. With --json: a list of them.
Result<command_line::ExitCode> write_references(const Context& context,
                                                const std::vector<vendors::ReferenceSet>& sets,
                                                const std::string& out);
/// The sets of a file (.toml), a folder of vendor data or a bundle, whoever signed it.
Result<std::vector<vendors::ReferenceSet>> references_in(const std::string& place);

}  // namespace assay::cli
