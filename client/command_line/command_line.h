#pragma once

#include <string>

#include "client/command_line/command.h"

/// What the three programs' command lines share. Help, man page and shell completions are all walks over the
/// same commands.
namespace assay::command_line {

/// Gives the program --version, --help and --json, and the subcommands `version`, `help`, `man` (roff,
/// man(7)) and `completion bash|zsh|fish`. `examples` stand at the end of the help and in the man page, and
/// `files` in the man page: one "command  # what it does", or "path  # what it is", a line. Call it before
/// options and commands are added: they stand behind these, and a command without examples shows the
/// program's. Options of a program may stand after the command.
void prepare(Command& program, bool& json, const std::string& examples, const std::string& files = "");

/// What --help prints for one of the program's commands, or for the program itself.
std::string help_text(const Command& program, const Command& command);

/// Parses and runs the chosen action. A parse error maps to 2, with the nearest subcommand suggested for a
/// mistyped one; where a command is missing those that there are stand on stderr. An error is one line on
/// stderr; with --json it is the document on stdout: {"error": {"code", "message", "offset"}}
/// (docs/formats/command-line.md), or on stderr where stdout cannot be written.
int run(const Command& program, int argc, const char* const* argv);

/// True where stdout is a terminal and NO_COLOR is not set.
bool colours();

}  // namespace assay::command_line
