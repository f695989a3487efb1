#pragma once

#include <string>

#include "client/command_line/command.h"

namespace assay::command_line {

/// A man(7) page: NAME, SYNOPSIS, DESCRIPTION, OPTIONS, COMMANDS, EXIT STATUS, FILES, EXAMPLES.
/// `files` as in `prepare`.
std::string man_page(const Command& program, const std::string& files);

}  // namespace assay::command_line
