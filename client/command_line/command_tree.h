#pragma once

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

/// A program's command line as plain data: one walk over CLI11's tree, from which man page and completions
/// are printed.
namespace assay::command_line {

/// What an option's or positional's value is.
enum class ValueKind : std::uint8_t {
    none,    ///< a flag
    text,    ///< nothing that a shell could complete
    file,    ///< type_name FILE, DIR or PATH, or a CLI11 path validator
    one_of,  ///< CLI::IsMember
};

struct OptionInfo {
    std::vector<std::string> names;  ///< "--json", "-h"; for a positional its name alone
    std::string value;               ///< what stands for the value in help: "FILE"; empty for a flag
    std::string description;
    ValueKind kind = ValueKind::none;
    std::vector<std::string> values;  ///< for one_of
    bool required = false;
};

struct CommandInfo {
    std::string name;
    std::string
        path;  ///< the words that lead here, without the program: "session open"; empty for the program
    std::string description;
    std::string examples;  ///< one "command  # what it does" a line
    std::vector<OptionInfo> options;
    std::vector<OptionInfo> positionals;
    std::vector<CommandInfo> commands;  ///< without the hidden ones
};

inline constexpr std::string_view kExamplesTitle = "Examples:\n";

/// Hidden commands and options (those in the group "") are left out.
CommandInfo command_tree(const CLI::App& app);

/// `tree` and everything below, in the order of help.
std::vector<const CommandInfo*> all_commands(const CommandInfo& tree);

}  // namespace assay::command_line
