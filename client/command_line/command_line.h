#pragma once

#include <string>

#include "client/command_line/command.h"

/// What the three programs' command lines share. Help, man page and shell completions are all walks over the
/// same commands.
namespace assay::command_line {

/// Gives the program --version, --help, and the subcommands `man` (roff, man(7)) and
/// `completion bash|zsh|fish`. `examples` stand at the end of the help and in the man page, and `files` in
/// the man page: one "command  # what it does", or "path  # what it is", a line. Call it before options and
/// commands are added: they stand behind these, and a command without examples shows the program's. Options
/// of a program may stand after the command.
void prepare(Command& program, const std::string& examples, const std::string& files = "");

/// Parses and runs the chosen action. A parse error maps to 2, with the nearest subcommand suggested for a
/// mistyped one.
int run(const Command& program, int argc, const char* const* argv);

/// True where stdout is a terminal and NO_COLOR is not set.
bool colours();

}  // namespace assay::command_line
