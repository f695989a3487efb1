#include "client/command_line/man_page.h"

#include <algorithm>

#include <fmt/core.h>

#include "evidence/base/text.h"
#include "evidence/base/version.h"

namespace assay::command_line {
namespace {

constexpr std::string_view kExitStatus =
    ".SH EXIT STATUS\n"
    ".TP\n.B 0\ndone, or affirming\n"
    ".TP\n.B 1\ncould not process: I/O, malformed input, or refused by the other side\n"
    ".TP\n.B 2\nthe command line or the configuration is wrong\n"
    ".TP\n.B 3\ncontraindicated\n"
    ".TP\n.B 4\nwarning\n"
    ".TP\n.B 5\nnone: cannot tell, data is missing\n";

constexpr std::string_view kOutput =
    ".SH OUTPUT\n"
    "The answer is on standard output; what is said on the way, and errors, on standard error. With\n"
    ".B \\-\\-json\nan error is one document on standard output, with the same exit code:\n"
    ".PP\n{\"error\": {\"code\": \"io\", \"message\": \"...\", \"offset\": null}}\n"
    ".PP\nA file that is written is replaced in one step and keeps owner and mode; devices, pipes and what "
    "a\n"
    "link leads to are written to;\n.B \\-\nis standard output.\n"
    "Without a command the commands are listed on standard error, and the exit code is 2.\n";

// Text for a line of its own: no requests (leading . or '), no escapes, hyphens that can be copied.
std::string roff(std::string_view text) {
    std::string out;
    bool line_start = true;
    for (const char c : text) {
        if (line_start && (c == '.' || c == '\'')) out += "\\&";
        line_start = c == '\n';
        if (c == '\\') {
            out += "\\e";
        } else if (c == '-') {
            out += "\\-";
        } else {
            out += c;
        }
    }
    return out;
}

std::string option_entry(const Option& option) {
    std::string names;
    for (const auto& name : option.names()) {
        if (!names.empty()) names += ", ";
        names += "\\fB" + roff(name) + "\\fR";
    }
    if (const auto value = option.value(); !value.empty()) names += " \\fI" + roff(value) + "\\fR";
    return fmt::format(".TP\n{}\n{}{}\n", names, roff(option.description),
                       option.is_required ? " (required)" : "");
}

// "command  # what it does" lines as tagged paragraphs.
std::string tagged(const std::string& lines) {
    std::string out;
    for (std::string_view rest = lines; !rest.empty();) {
        const auto line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(line.size() + 1, rest.size()));
        const auto mark = line.find(" # ");
        const auto left = trimmed(line.substr(0, mark));
        if (left.empty()) continue;
        const auto right =
            mark == std::string_view::npos ? std::string_view() : trimmed(line.substr(mark + 3));
        out += fmt::format(".TP\n.B {}\n{}\n", roff(left), right.empty() ? std::string("\\&") : roff(right));
    }
    return out;
}

std::string synopsis(const Command& program, const Command& command) {
    auto line = fmt::format(".B {}", roff(program.name + (command.path.empty() ? "" : " " + command.path)));
    line += "\n[\\fIoptions\\fR]";
    for (const auto* positional : command.positionals()) {
        line += positional->is_required ? " \\fI" : " [\\fI";
        line += roff(positional->spelling) + (positional->is_required ? "\\fR" : "\\fR]");
    }
    if (!command.commands.empty()) line += " \\fIcommand\\fR ...";
    return line + "\n";
}

}  // namespace

std::string man_page(const Command& program, const std::string& files) {
    std::string name = program.name;
    std::ranges::transform(name, name.begin(), [](char c) {
        return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    });
    std::string out =
        fmt::format(".TH {} {} \"\" \"assay {}\" \"Assay\"\n", roff(name), program.man_section, kVersion);
    out += fmt::format(".SH NAME\n{} \\- {}\n", roff(program.name), roff(program.description));
    out += ".SH SYNOPSIS\n" + synopsis(program, program);
    out += fmt::format(".SH DESCRIPTION\n{}.\nEach command has its own \\fB\\-\\-help\\fR.\n",
                       roff(program.description));
    out += ".SH OPTIONS\nThey may stand before or after the command.\n";
    for (const auto* option : program.flags_and_options()) out += option_entry(*option);
    out += ".SH COMMANDS\n";
    std::string examples = tagged(program.examples);
    for (const auto* command : all_commands(program)) {
        if (command->path.empty() || !command->commands.empty()) continue;
        out += fmt::format(".SS {}\n{}.PP\n{}\n", roff(command->path), synopsis(program, *command),
                           roff(command->description));
        for (const auto* positional : command->positionals()) out += option_entry(*positional);
        for (const auto* option : command->flags_and_options()) {
            if (!std::holds_alternative<Option::Help>(option->target)) out += option_entry(*option);
        }
        examples += tagged(command->examples);
    }
    out += kExitStatus;
    out += kOutput;
    if (!files.empty()) out += ".SH FILES\n" + tagged(files);
    if (!examples.empty()) out += ".SH EXAMPLES\n" + examples;
    return out;
}

}  // namespace assay::command_line
