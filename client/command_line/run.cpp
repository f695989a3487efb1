#include <cstdio>

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

void bind_command(CLI::App& app, const Command& command, const std::string& program) {
    if (!command.examples.empty()) app.footer("Examples:\n" + command.examples);
    if (command.action)
        app.final_callback([&app, &command, &program] { act(app, command, program); });
    else
        app.require_subcommand(1);
    for (const auto& option : command.options) bind_option(app, option);
    for (const auto& below : command.commands)
        bind_command(*app.add_subcommand(below.name, below.description), below, program);
}

// The deepest command that was named: the one whose help is worth reading.
const CLI::App& named_command(const CLI::App& app) {
    const auto* at = &app;
    while (!at->get_subcommands().empty()) at = at->get_subcommands().front();
    return *at;
}

std::string path_of(const CLI::App& app) {
    return app.get_parent() == nullptr ? app.get_name() : path_of(*app.get_parent()) + " " + app.get_name();
}

std::string suggestion(const std::string& typed, const std::vector<std::string>& candidates) {
    const auto meant = nearest(typed, candidates);
    return meant.empty() ? "" : fmt::format("; did you mean '{}'?", meant);
}

std::string explain(const CLI::App& app, const CLI::ParseError& error) {
    const auto& at = named_command(app);
    for (const auto& typed : app.remaining(true)) {
        std::vector<std::string> known;
        if (typed.starts_with("-")) {
            for (const auto* owner = &at; owner != nullptr; owner = owner->get_parent()) {
                for (const auto* option : owner->get_options()) {
                    for (const auto& name : option->get_lnames()) known.push_back("--" + name);
                }
            }
            return fmt::format("{} has no option '{}'{}", path_of(at), printable(typed),
                               suggestion(typed, known));
        }
        const auto commands = at.get_subcommands([](const CLI::App*) { return true; });
        if (commands.empty()) break;
        for (const auto* command : commands) known.push_back(command->get_name());
        return fmt::format("{} has no command '{}'{}", path_of(at), printable(typed),
                           suggestion(typed, known));
    }
    return printable(error.what());
}

// Buffered output that never reached its file is a failure too: `assay ... > /dev/full`.
int finished(int code) {
    if (std::fflush(stdout) == 0) return code;
    std::fputs("writing to stdout failed\n", stderr);
    return code == 0 ? static_cast<int>(ExitCode::not_processed) : code;
}

}  // namespace

int run(const Command& program, int argc, const char* const* argv) {
    CLI::App app(program.description, program.name);
    try {
        app.fallthrough();
        bind_command(app, program, program.name);
        app.parse(argc, argv);
        return finished(0);
    } catch (const CLI::RuntimeError& error) {
        return finished(error.get_exit_code());
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() == 0) return finished(app.exit(error));  // --help, --version
        fmt::print(stderr, "{}: {}\nTry '{} --help'.\n", program.name, explain(app, error),
                   path_of(named_command(app)));
        return static_cast<int>(ExitCode::usage);
    } catch (const std::exception& error) {
        fmt::print(stderr, "{}: a defect in Assay: {}\n", program.name, printable(error.what()));
        return static_cast<int>(ExitCode::not_processed);
    }
}

}  // namespace assay::command_line
