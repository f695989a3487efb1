#include <algorithm>
#include <cstdio>
#include <ranges>
#include <span>
#include <string_view>

#include <CLI/CLI.hpp>
#include <fmt/core.h>

#include "client/command_line/command_line.h"
#include "client/command_line/nearest.h"
#include "evidence/base/text.h"

// The one place that knows the parser, CLI11: a command line is bound to it, parsed and run.
namespace assay::command_line {
namespace {

template <typename... Functions>
struct Overloaded : Functions... {
    using Functions::operator()...;
};

void bind_option(CLI::App& app, const Option& option) {
    const auto& spelling = option.spelling;
    const auto& what = option.description;
    auto* bound = std::visit(Overloaded{
                                 [&](Option::Help) { return app.set_help_flag(spelling, what); },
                                 [&](const Option::Text& text) {
                                     const auto print = [&text] {
                                         fmt::print("{}", text());
                                         throw CLI::Success();
                                     };
                                     return app.add_flag_callback(spelling, print, what);
                                 },
                                 [&](bool* flag) { return app.add_flag(spelling, *flag, what); },
                                 [&](auto* value) { return app.add_option(spelling, *value, what); },
                             },
                             option.target);
    bound->required(option.is_required);
    if (!option.members.empty()) bound->check(CLI::IsMember(option.members));
    if (option.range) bound->check(CLI::Range(option.range->first, option.range->second));
    if (!option.type.empty()) bound->type_name(option.type);
    if (option.shows_value) bound->capture_default_str();
    if (!option.shown_default.empty()) bound->default_str(option.shown_default);
    if (option.separator != '\0') bound->delimiter(option.separator);
}

// CLI11's own way to give an exit code from a callback is its RuntimeError; `run` catches it.
void act(const CLI::App& app, const Command& command, const std::string& program) {
    if (!app.get_subcommands().empty()) return;  // that has done the work
    const auto code = command.action();
    if (!code) {
        std::fflush(stdout);
        fmt::print(stderr, "{}: {}\n", program, describe(code.error()));
        throw CLI::RuntimeError(static_cast<int>(exit_code(code.error())));
    }
    if (*code != ExitCode::done) throw CLI::RuntimeError(static_cast<int>(*code));
}

using Words = std::span<const char* const>;

// A parser of a command costs more than most commands do, and only one whose name was typed can be meant; but
// help shows them all.
bool is_needed(const Command& command, Words typed) {
    return std::ranges::any_of(typed, [&](std::string_view word) {
        const bool short_names = word.starts_with('-') && !word.starts_with("--");
        return word == command.name || word.starts_with("--help") || (short_names && word.contains('h'));
    });
}

void bind_command(CLI::App& app, const Command& command, const std::string& program, Words typed) {
    if (!command.examples.empty()) app.footer("Examples:\n" + command.examples);
    if (command.action)
        app.final_callback([&app, &command, &program] { act(app, command, program); });
    else
        app.require_subcommand(1);
    for (const auto& option : command.options) bind_option(app, option);
    for (const auto& below : command.commands) {
        if (is_needed(below, typed))
            bind_command(*app.add_subcommand(below.name, below.description), below, program, typed);
    }
}

// From the program to the deepest command that was named: the one whose help is worth reading.
std::vector<const Command*> named_commands(const CLI::App& app, const Command& program) {
    std::vector<const Command*> named{&program};
    for (auto parsed = app.get_subcommands(); !parsed.empty(); parsed = parsed.front()->get_subcommands())
        named.push_back(
            &*std::ranges::find(named.back()->commands, parsed.front()->get_name(), &Command::name));
    return named;
}

std::string words_of(const Command& program, const Command& command) {
    return command.path.empty() ? program.name : program.name + " " + command.path;
}

std::string suggestion(const std::string& typed, const std::vector<std::string>& candidates) {
    const auto meant = nearest(typed, candidates);
    return meant.empty() ? "" : fmt::format("; did you mean '{}'?", meant);
}

std::string explain(const CLI::App& app, const std::vector<const Command*>& named,
                    const CLI::ParseError& error) {
    const auto& program = *named.front();
    const auto& at = *named.back();
    for (const auto& typed : app.remaining(true)) {
        std::vector<std::string> known;
        if (typed.starts_with("-")) {
            for (const auto* owner : std::views::reverse(named)) {
                for (const auto* option : owner->flags_and_options()) {
                    for (auto& name : option->names()) {
                        if (name.starts_with("--")) known.push_back(std::move(name));
                    }
                }
            }
            return fmt::format("{} has no option '{}'{}", words_of(program, at), printable(typed),
                               suggestion(typed, known));
        }
        if (at.commands.empty()) break;
        for (const auto& command : at.commands) known.push_back(command.name);
        return fmt::format("{} has no command '{}'{}", words_of(program, at), printable(typed),
                           suggestion(typed, known));
    }
    return printable(error.what());
}

// Buffered output that never reached its file is a failure too: `assay ... > /dev/full`.
int finished(int code) {
    if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return code;
    std::fputs("writing to stdout failed\n", stderr);
    return code == 0 ? static_cast<int>(ExitCode::not_processed) : code;
}

}  // namespace

int run(const Command& program, int argc, const char* const* argv) {
    CLI::App app(program.description, program.name);
    try {
        app.fallthrough();
        bind_command(app, program, program.name, Words(argv, static_cast<std::size_t>(argc)));
        app.parse(argc, argv);
        return finished(0);
    } catch (const CLI::RuntimeError& error) {
        return finished(error.get_exit_code());
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() == 0) return finished(app.exit(error));  // --help, --version
        const auto named = named_commands(app, program);
        fmt::print(stderr, "{}: {}\nTry '{} --help'.\n", program.name, explain(app, named, error),
                   words_of(program, *named.back()));
        return static_cast<int>(ExitCode::usage);
    } catch (const std::exception& error) {
        fmt::print(stderr, "{}: a defect in Assay: {}\n", program.name, printable(error.what()));
        return static_cast<int>(ExitCode::not_processed);
    }
}

}  // namespace assay::command_line
