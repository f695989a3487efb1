#pragma once

#include <string>

#include "client/command_line/command_tree.h"

/// Completion scripts: each walks the words before the cursor to the command they name, and offers its
/// commands, options, paths and listed values.
namespace assay::command_line {

std::string bash_completion(const CommandInfo& tree);
std::string zsh_completion(const CommandInfo& tree);
std::string fish_completion(const CommandInfo& tree);

}  // namespace assay::command_line
