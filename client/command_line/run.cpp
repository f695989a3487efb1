#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <ranges>
#include <span>
#include <string_view>
#include <system_error>

#include <CLI/CLI.hpp>
#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include "client/command_line/command_line.h"
#include "client/command_line/nearest.h"
#include "evidence/base/cause.h"
#include "evidence/base/text.h"
#include "evidence/codec/json_writer.h"

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

struct Failed {
    Error error;
};

// CLI11's own way to give an exit code from a callback is its RuntimeError; `run` catches it.
void act(const CLI::App& app, const Command& command) {
    if (!app.get_subcommands().empty()) return;  // that has done the work
    auto code = command.action();
    if (!code) throw Failed{std::move(code.error())};
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

void bind_command(CLI::App& app, const Command& command, Words typed) {
    if (!command.examples.empty()) app.footer("Examples:\n" + command.examples);
    if (command.action)
        app.final_callback([&app, &command] { act(app, command); });
    else
        app.require_subcommand(1);
    for (const auto& option : command.options) bind_option(app, option);
    for (const auto& below : command.commands) {
        if (is_needed(below, typed))
            bind_command(*app.add_subcommand(below.name, below.description), below, typed);
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

// Whoever starts a program with a standard stream closed would have the next file that is opened take its
// place: a database, written to by every answer. The stream gets a descriptor that fails instead.
void occupy_standard_streams() {
    for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        if (::fcntl(stream, F_GETFD) == -1 && errno == EBADF)
            ::open("/dev/null", stream == STDIN_FILENO ? O_WRONLY : O_RDONLY);
    }
}

// Buffered output that never reached its file is a failure too: `assay ... > /dev/full`. The C library tells
// the reason once, where it first notices.
struct Flushed {
    bool failed = std::fflush(stdout) != 0;
    int reason = failed ? errno : 0;
    bool lost = failed || std::ferror(stdout) != 0;
};

Error lost_output(int reason) {
    return error_of_errno(reason != 0 ? reason : EIO, "writing to stdout");
}

// One run of a program: how it ends, and how that is told.
struct Run {
    const Command& program;
    bool json;

    // Never throws: it is called where an exception has just been caught, and stderr may be full as well.
    void tell(const Error& error, FILE* where, const std::string& hint = "") const {
        auto text = program.name + ": " + describe(error) + "\n" + hint;
        if (json) {
            const auto message = is_utf8(error.context) ? error.context : printable(error.context);
            Json out{{"code", to_string(error.code)}, {"message", message}, {"offset", nullptr}};
            if (error.offset) out["offset"] = *error.offset;
            text = Json{{"error", out}}.dump(2) + "\n";
        }
        std::fputs(text.c_str(), json ? where : stderr);
    }
    // `reason`: the system's, where the error was one of its.
    [[nodiscard]] int refuse(const Error& error, const std::string& hint = "", int reason = 0) const {
        const Flushed before;
        if (before.lost) {
            const int why = before.reason != 0 ? before.reason : reason;
            tell(why != 0 ? lost_output(why) : error, stderr);
            return static_cast<int>(exit_code(error));
        }
        tell(error, stdout, hint);
        if (Flushed().lost) tell(error, stderr);
        return static_cast<int>(exit_code(error));
    }
    [[nodiscard]] int finish(int code) const {
        const Flushed output;
        if (!output.lost) return code;
        tell(lost_output(output.reason), stderr);
        return code == 0 ? static_cast<int>(ExitCode::not_processed) : code;
    }
    [[nodiscard]] int misused(const CLI::App& app, const CLI::ParseError& error) const {
        const auto named = named_commands(app, program);
        const auto& at = *named.back();
        const auto words = words_of(program, at);
        const auto hint = fmt::format("Try '{} --help'.\n", words);
        const bool required = dynamic_cast<const CLI::RequiredError*>(&error) != nullptr;
        if (required && !at.commands.empty() && !at.action && app.remaining(true).empty()) {
            std::string known;
            for (const auto& below : at.commands) known += (known.empty() ? "" : ", ") + below.name;
            if (!json) std::fputs((help_text(program, at) + "\n").c_str(), stderr);
            return refuse({ErrorCode::usage,
                           fmt::format("expected a command{}, got none; give one of: {}",
                                       at.path.empty() ? "" : " of '" + at.path + "'", known),
                           {}});
        }
        return refuse({ErrorCode::usage, explain(app, named, error), {}}, hint);
    }
};

// Looked for before the parse, which may fail.
bool wants_json(Words typed) {
    return std::ranges::find(typed, std::string_view("--json")) != typed.end();
}

}  // namespace

std::string help_text(const Command& program, const Command& command) {
    constexpr const char* kAll = "--help";  // every command is bound
    CLI::App app(program.description, program.name);
    app.fallthrough();
    bind_command(app, program, Words(&kAll, 1));
    const CLI::App* at = &app;
    std::string above;
    for (std::string_view rest = command.path; !rest.empty();) {
        const auto word = std::string(rest.substr(0, rest.find(' ')));
        rest.remove_prefix(std::min(word.size() + 1, rest.size()));
        above += (above.empty() ? "" : " ") + at->get_name();
        at = at->get_subcommand(word);
    }
    return at->help(above);
}

int run(const Command& program, int argc, const char* const* argv) {
    occupy_standard_streams();
    const Words typed(argv, static_cast<std::size_t>(argc));
    const Run run{program, wants_json(typed)};
    CLI::App app(program.description, program.name);
    try {
        app.fallthrough();
        bind_command(app, program, typed);
        app.parse(argc, argv);
        return run.finish(0);
    } catch (const Failed& failed) {
        return run.refuse(failed.error);
    } catch (const CLI::RuntimeError& error) {
        return run.finish(error.get_exit_code());
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() == 0) return run.finish(app.exit(error));  // --help, --version
        return run.misused(app, error);
    } catch (const std::system_error& error) {
        // What the system refuses is no defect; of stdout, whose writes throw too, `refuse` says so.
        std::string_view what = error.what();
        const auto why = ": " + error.code().message();
        if (what.ends_with(why)) what.remove_suffix(why.size());
        return run.refuse(error_of_errno(error.code().value(), printable(what)), "", error.code().value());
    } catch (const std::exception& error) {
        return run.refuse({ErrorCode::internal, "a defect in Assay: " + printable(error.what()), {}});
    }
}

}  // namespace assay::command_line
