#include "client/command_line/command_line.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include <fmt/core.h>
#include <unistd.h>

#include "client/command_line/command_tree.h"
#include "client/command_line/completion.h"
#include "client/command_line/man_page.h"
#include "client/command_line/nearest.h"
#include "client/version.h"
#include "evidence/base/text.h"

namespace assay::command_line {
namespace {

const CLI::App& program(const CLI::App& app) {
    const auto* at = &app;
    while (at->get_parent() != nullptr) at = at->get_parent();
    return *at;
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

Result<ExitCode> print(const std::string& text) {
    if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size())
        return fail(ErrorCode::io, "writing to stdout");
    return ExitCode::done;
}

// Buffered output that never reached its file is a failure too: `assay ... > /dev/full`.
int finished(int code) {
    if (std::fflush(stdout) == 0) return code;
    std::fputs("writing to stdout failed\n", stderr);
    return code == 0 ? static_cast<int>(ExitCode::not_processed) : code;
}

void set_examples(CLI::App& app, const std::string& examples) {
    if (!examples.empty()) app.footer(std::string(kExamplesTitle) + examples);
}

}  // namespace

void prepare(CLI::App& app, const std::string& examples, const std::string& files) {
    app.set_version_flag("--version", fmt::format("{} {}", app.get_name(), kVersion), "Print the version");
    app.set_help_flag("-h,--help", "Print this help");
    app.require_subcommand(1);
    app.fallthrough();
    set_examples(app, examples);
    const auto name = app.get_name();
    auto shell = std::make_shared<std::string>();
    auto* completion =
        add_command(app, "completion", "Print a completion script for a shell",
                    fmt::format("source <({} completion bash)  # complete in this shell", name),
                    [&app, shell]() -> Result<ExitCode> {
                        const auto tree = command_tree(app);
                        if (*shell == "bash") return print(bash_completion(tree));
                        return print(*shell == "zsh" ? zsh_completion(tree) : fish_completion(tree));
                    });
    completion->add_option("shell", *shell, "The shell")
        ->required()
        ->check(CLI::IsMember({"bash", "zsh", "fish"}));
    add_command(app, "man", "Print the manual page", fmt::format("{} man | man -l -  # read it", name),
                [&app, files] { return print(man_page(command_tree(app), files)); });
}

CLI::App* add_command(CLI::App& parent, const std::string& name, const std::string& description,
                      const std::string& examples, std::function<Result<ExitCode>()> action) {
    auto* command = parent.add_subcommand(name, description);
    set_examples(*command, examples);
    // CLI11's own way to give an exit code from a callback is this exception; `run` catches it.
    command->final_callback([command, action = std::move(action)] {
        const auto code = action();
        if (!code) {
            std::fflush(stdout);
            fmt::print(stderr, "{}: {}\n", program(*command).get_name(), describe(code.error()));
            throw CLI::RuntimeError(static_cast<int>(exit_code(code.error())));
        }
        if (*code != ExitCode::done) throw CLI::RuntimeError(static_cast<int>(*code));
    });
    return command;
}

CLI::App* add_group(CLI::App& parent, const std::string& name, const std::string& description) {
    auto* group = parent.add_subcommand(name, description);
    group->require_subcommand(1);
    return group;
}

int run(CLI::App& app, int argc, const char* const* argv) {
    try {
        app.parse(argc, argv);
        return finished(0);
    } catch (const CLI::RuntimeError& error) {
        return finished(error.get_exit_code());
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() == 0) return finished(app.exit(error));  // --help, --version
        fmt::print(stderr, "{}: {}\nTry '{} --help'.\n", app.get_name(), explain(app, error),
                   path_of(named_command(app)));
        return static_cast<int>(ExitCode::usage);
    } catch (const std::exception& error) {
        fmt::print(stderr, "{}: a defect in Assay: {}\n", app.get_name(), printable(error.what()));
        return static_cast<int>(ExitCode::not_processed);
    }
}

bool colours() {
    const char* no_color = std::getenv("NO_COLOR");
    return isatty(STDOUT_FILENO) == 1 && (no_color == nullptr || *no_color == '\0');
}

}  // namespace assay::command_line
