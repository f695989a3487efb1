#pragma once

#include <string>
#include <string_view>

#include "client/command_line/command.h"

/// Completion scripts: each walks the words before the cursor to the command they name, and offers its
/// commands, options, paths and listed values.
namespace assay::command_line {

std::string bash_completion(const Command& program);
std::string zsh_completion(const Command& program);
std::string fish_completion(const Command& program);

/// As one word of a POSIX shell, whatever is in it.
std::string shell_quoted(std::string_view text);

}  // namespace assay::command_line
