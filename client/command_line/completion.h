#pragma once

#include <string>

#include "client/command_line/command.h"

/// Completion scripts: each walks the words before the cursor to the command they name, and offers its
/// commands, options, paths and listed values.
namespace assay::command_line {

std::string bash_completion(const Command& program);
std::string zsh_completion(const Command& program);
std::string fish_completion(const Command& program);

}  // namespace assay::command_line
