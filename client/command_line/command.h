#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <list>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "client/command_line/exit_code.h"

/// A program's command line as plain data: commands, their options, and the variables that these are parsed
/// into. `run` binds it to the parser; help, man page and shell completions all tell what stands here.
namespace assay::command_line {

/// What an option's or positional's value is, for a shell that completes it.
enum class ValueKind : std::uint8_t {
    none,    ///< a flag
    text,    ///< nothing that a shell could complete
    file,    ///< its type name says FILE, DIR or PATH
    one_of,  ///< one of a list
};

/// An option, flag or positional: its data, and the verbs that set them.
struct Option {
    struct Help {};                             ///< prints the command's help instead of running it
    using Text = std::function<std::string()>;  ///< a flag that prints this instead of running a command
    /// bool: a flag. The variable outlives the run.
    using Target = std::variant<Help, Text, bool*, std::string*, std::vector<std::string>*, std::int64_t*,
                                std::uint64_t*, unsigned*>;

    std::string spelling;  ///< "--out,-o"; without hyphens it is a positional
    Target target;
    std::string description;
    bool is_required = false;
    std::string type;                          ///< what stands for the value in help: "FILE"
    std::vector<std::string> members;          ///< the value is one of these, if there are any
    std::optional<std::pair<int, int>> range;  ///< with both ends
    bool shows_value = false;                  ///< help shows the variable's value, as the default
    std::string shown_default;                 ///< help shows this as the default
    char separator = '\0';                     ///< splits one word into several values

    Option* required(bool is = true);
    Option* type_name(std::string name);
    Option* one_of(std::vector<std::string> values);
    Option* in_range(int least, int most);
    Option* show_default();
    Option* show_default(std::string text);
    Option* separated_by(char mark);
    /// Its value is a file that the command writes with files::write_output, so `-` is standard output.
    Option* written();

    [[nodiscard]] bool is_positional() const;
    /// "-h", "--json": short names first; for a positional its name alone.
    [[nodiscard]] std::vector<std::string> names() const;
    [[nodiscard]] ValueKind kind() const;
    /// What a man page writes for the value: "FILE", "strict|lax"; empty for a flag.
    [[nodiscard]] std::string value() const;
};

/// A program, a command or a group of commands.
struct Command {
    using Action = std::function<Result<ExitCode>()>;

    Command(std::string program, std::string what) : name(std::move(program)), description(std::move(what)) {}
    Command(const Command&) = delete;
    Command& operator=(const Command&) = delete;

    std::string name;
    std::string description;
    std::string path;      ///< the words that lead here without the program: "session open"; empty for it
    std::string examples;  ///< one "command  # what it does" a line; those of what is above where it has none
    int man_section = 1;   ///< of a program: 1 for users, 8 for what the machine runs
    Action action;         ///< runs where no command below is named; without it, one of them must be
    std::list<Option> options;    ///< positionals among them; help and complaints keep the order
    std::list<Command> commands;  ///< in the order of help

    /// "--out,-o"; a name without hyphens makes it a positional.
    template <typename T>
        requires(!std::same_as<T, bool>)
    Option* add_option(std::string spelling, T& variable, std::string what) {
        return add(std::move(spelling), &variable, std::move(what));
    }
    Option* add_flag(std::string spelling, bool& variable, std::string what) {
        return add(std::move(spelling), &variable, std::move(what));
    }
    /// A flag that prints a text instead of running a command: --version.
    Option* add_text_flag(std::string spelling, Option::Text text, std::string what) {
        return add(std::move(spelling), std::move(text), std::move(what));
    }
    Option* add(std::string spelling, Option::Target target, std::string what);

    [[nodiscard]] std::vector<const Option*> flags_and_options() const;
    [[nodiscard]] std::vector<const Option*> positionals() const;
};

/// A subcommand with its action and examples. The action's Error is printed as "program: context" with code
/// on stderr and mapped.
Command* add_command(Command& parent, const std::string& name, const std::string& description,
                     const std::string& examples, Command::Action action);

/// A subcommand that has only subcommands: "session" of "session open". Exactly one of them must be named.
Command* add_group(Command& parent, const std::string& name, const std::string& description);

/// `program` and everything below, in the order of help.
std::vector<const Command*> all_commands(const Command& program);

}  // namespace assay::command_line
