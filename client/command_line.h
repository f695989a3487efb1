#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>

#include "client/exit_code.h"

/// What the three programs' command lines share. The help, man page and shell completions are all walks over the same CLI11 tree.
namespace assay::command_line {

/// Makes the app: --version, --help, exactly one subcommand wanted, and the hidden subcommands `man` (roff, man(7)) and
/// `completion bash|zsh|fish`. `examples` stand at the end of the help and in the man page: one "command  # what it does" a line.
void prepare(CLI::App& app, const std::string& examples);

/// A subcommand with its action and examples. The action's Error is printed as "program: context" with code on stderr and mapped.
CLI::App* add_command(CLI::App& parent, const std::string& name, const std::string& description,
                      const std::string& examples, std::function<Result<ExitCode>()> action);

/// Parses and runs the chosen action. A parse error maps to 2, with the nearest subcommand suggested for a mistyped one.
int run(CLI::App& app, int argc, const char* const* argv);

/// True where stdout is a terminal and NO_COLOR is not set.
bool colours();

}  // namespace assay::command_line
