#pragma once

#include <functional>
#include <string>

#include <CLI/CLI.hpp>

#include "client/command_line/exit_code.h"

/// What the three programs' command lines share. The help, man page and shell completions are all walks over
/// the same CLI11 tree.
///
/// A value is completed as a path where its type name says FILE, DIR or PATH (`->type_name("FILE")`), and as
/// one of a list where it has CLI::IsMember.
namespace assay::command_line {

/// Makes the app: --version, --help, exactly one subcommand wanted, and the subcommands `man` (roff, man(7))
/// and `completion bash|zsh|fish`. The app needs its program's name. `examples` stand at the end of the help
/// and in the man page, and `files` in the man page: one "command  # what it does", or "path  # what it is",
/// a line. Call it before options and commands are added: they inherit that options may stand after the
/// command.
void prepare(CLI::App& app, const std::string& examples, const std::string& files = "");

/// A subcommand with its action and examples. The action's Error is printed as "program: context" with code
/// on stderr and mapped.
CLI::App* add_command(CLI::App& parent, const std::string& name, const std::string& description,
                      const std::string& examples, std::function<Result<ExitCode>()> action);

/// A subcommand that has only subcommands: "session" of "session open". Exactly one of them is wanted.
CLI::App* add_group(CLI::App& parent, const std::string& name, const std::string& description);

/// Parses and runs the chosen action. A parse error maps to 2, with the nearest subcommand suggested for a
/// mistyped one.
int run(CLI::App& app, int argc, const char* const* argv);

/// True where stdout is a terminal and NO_COLOR is not set.
bool colours();

}  // namespace assay::command_line
