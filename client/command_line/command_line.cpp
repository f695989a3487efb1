#include "client/command_line/command_line.h"

#include <algorithm>
#include <cstdlib>
#include <memory>

#include <fmt/core.h>
#include <unistd.h>

#include "client/command_line/completion.h"
#include "client/command_line/man_page.h"
#include "evidence/base/text.h"
#include "evidence/base/version.h"
#include "evidence/codec/json_writer.h"
#include "files/output.h"

namespace assay::command_line {
namespace {

Result<ExitCode> print(const std::string& text) {
    TRY_VOID(files::write_stdout(text));
    return ExitCode::done;
}

std::string version_text(const Command& program) {
    return fmt::format("{} {}\n", program.name, kVersion);
}

Result<ExitCode> print_version(const Command& program, bool json) {
    return print(json ? Json{{"program", program.name}, {"version", kVersion}}.dump(2) + "\n"
                      : version_text(program));
}

Result<ExitCode> print_help(const Command& program, const std::vector<std::string>& words) {
    const auto* at = &program;
    for (const auto& word : words) {
        const auto below = std::ranges::find(at->commands, word, &Command::name);
        if (below == at->commands.end()) {
            const auto path = at->path.empty() ? program.name : program.name + " " + at->path;
            return fail(ErrorCode::usage, fmt::format("{} has no command '{}'; '{} --help' lists them", path,
                                                      printable(word), path));
        }
        at = &*below;
    }
    return print(help_text(program, *at));
}

}  // namespace

void prepare(Command& program, bool& json, const std::string& examples, const std::string& files) {
    const auto& name = program.name;
    program.examples = examples;
    program.add_text_flag("-V,--version", [&program] { return version_text(program); }, "Print the version");
    program.add("-h,--help", Option::Help(), "Print this help");
    program.add_flag("--json", json, "Machine-readable output, of errors too");
    add_command(program, "version", "Print the version", fmt::format("{} version", name),
                [&program, &json] { return print_version(program, json); });
    auto words = std::make_shared<std::vector<std::string>>();
    add_command(program, "help", "Print the help of the program or of a command",
                fmt::format("{} help completion  # as {} completion --help", name, name),
                [&program, words] { return print_help(program, *words); })
        ->add_option("COMMAND", *words, "The command's words");
    auto shell = std::make_shared<std::string>();
    auto* completion =
        add_command(program, "completion", "Print a completion script for a shell",
                    fmt::format("source <({} completion bash)  # complete in this shell", name),
                    [&program, shell]() -> Result<ExitCode> {
                        if (*shell == "bash") return print(bash_completion(program));
                        return print(*shell == "zsh" ? zsh_completion(program) : fish_completion(program));
                    });
    completion->add_option("shell", *shell, "The shell")->required()->one_of({"bash", "zsh", "fish"});
    add_command(program, "man", "Print the manual page", fmt::format("{} man | man -l -  # read it", name),
                [&program, files] { return print(man_page(program, files)); });
}

bool colours() {
    const char* no_color = std::getenv("NO_COLOR");
    return isatty(STDOUT_FILENO) == 1 && (no_color == nullptr || *no_color == '\0');
}

}  // namespace assay::command_line
