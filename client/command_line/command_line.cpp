#include "client/command_line/command_line.h"

#include <cstdio>
#include <cstdlib>
#include <memory>

#include <fmt/core.h>
#include <unistd.h>

#include "client/command_line/completion.h"
#include "client/command_line/man_page.h"
#include "evidence/base/version.h"

namespace assay::command_line {
namespace {

Result<ExitCode> print(const std::string& text) {
    if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size())
        return fail(ErrorCode::io, "writing to stdout");
    return ExitCode::done;
}

}  // namespace

void prepare(Command& program, const std::string& examples, const std::string& files) {
    const auto& name = program.name;
    program.examples = examples;
    program.add_text_flag(
        "--version", [&program] { return fmt::format("{} {}\n", program.name, kVersion); },
        "Print the version");
    program.add("-h,--help", Option::Help(), "Print this help");
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
