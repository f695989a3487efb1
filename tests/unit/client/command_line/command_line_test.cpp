#include "client/command_line/command_line.h"

#include <array>
#include <cstdio>
#include <fstream>
#include <memory>

#include <catch2/catch.hpp>
#include <sys/wait.h>
#include <unistd.h>

#include "client/command_line/completion.h"
#include "client/command_line/man_page.h"
#include "client/command_line/nearest.h"
#include "evidence/base/version.h"
#include "tests/support/machine/skip.h"
#include "tests/support/machine/temp_folder.h"

using namespace assay;
using namespace assay::command_line;
namespace fs = std::filesystem;

namespace {

// A program with each thing that a completion or a man page must know.
struct Program {
    command_line::Command app{"ore-tool", "Assays ore"};
    bool json = false;
    std::string config, rule, file;
    std::string ran;
    Result<ExitCode> outcome = ExitCode::done;

    Program() {
        command_line::prepare(app, json, "ore-tool attest  # now");
        app.add_option("--config", config, "It's the \\configuration\\")->type_name("FILE");
        const auto action = [this](const char* name) {
            return [this, name]() -> Result<ExitCode> {
                ran = name;
                return outcome;
            };
        };
        auto* attest = command_line::add_command(app, "attest", "Attest now",
                                                 "ore-tool attest --json  # for scripts", action("attest"));
        attest->add_option("--rule", rule, "Which")->one_of({"strict", "lax"});
        auto* inspect = command_line::add_command(app, "inspect", "Look into a file", "", action("inspect"));
        inspect->add_option("file", file, "What to look into")->type_name("FILE")->required();
        auto* session = command_line::add_group(app, "session", "Work sessions");
        command_line::add_command(*session, "open", "Open one", "", action("session open"));
        command_line::add_command(*session, "close", "Close one", "", action("session close"));
    }
    int operator()(std::vector<const char*> words) {
        words.insert(words.begin(), "ore-tool");
        return command_line::run(app, static_cast<int>(words.size()), words.data());
    }
};

// What a run prints on stderr, with its exit code.
std::pair<int, std::string> complaint(std::vector<const char*> words,
                                      Result<ExitCode> outcome = ExitCode::done) {
    const test::TempFolder folder;
    const auto path = folder.path() / "err";
    std::fflush(stderr);
    const int saved = dup(STDERR_FILENO);
    FILE* file = std::fopen(path.c_str(), "w");
    dup2(fileno(file), STDERR_FILENO);
    Program program;
    program.outcome = std::move(outcome);
    const int code = program(std::move(words));
    std::fflush(stderr);
    dup2(saved, STDERR_FILENO);
    close(saved);
    std::fclose(file);
    std::ifstream in(path);
    return {code, std::string(std::istreambuf_iterator<char>(in), {})};
}

std::string output_of(const std::string& command) {
    std::string out;
    const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen((command + " 2>&1").c_str(), "r"), &pclose);
    std::array<char, 4096> buffer{};
    while (std::fgets(buffer.data(), buffer.size(), pipe.get()) != nullptr) out += buffer.data();
    return out;
}
bool installed(const std::string& program) {
    return !output_of("command -v " + program).empty();
}
bool succeeds(const std::string& command) {
    return WEXITSTATUS(std::system(command.c_str())) == 0;
}

struct Script {
    test::TempFolder folder;
    fs::path path = folder.path() / "script";
    explicit Script(const std::string& text) { std::ofstream(path) << text; }
};

// What bash offers when the last word is completed.
std::string offered_by_bash(const std::string& words, int cursor) {
    const Program program;
    const Script script(command_line::bash_completion(program.app));
    return output_of("cd " + script.folder.path().string() +
                     " && touch ore.cbor && bash -c 'source ./script; COMP_WORDS=(" + words +
                     "); COMP_CWORD=" + std::to_string(cursor) + "; _ore_tool; echo \"${COMPREPLY[*]}\"'");
}

}  // namespace

TEST_CASE("the API's description has the version of the programs") {
    std::ifstream cmake(std::string(ASSAY_SOURCE_DIR) + "/docs/openapi.yaml");
    const std::string text((std::istreambuf_iterator<char>(cmake)), {});
    CHECK(text.find("version: " + std::string(kVersion) + "\n") != std::string::npos);
}

TEST_CASE("a command runs, and options of the program may stand behind it") {
    Program program;
    CHECK(program({"attest", "--config", "f", "--json"}) == 0);
    CHECK(program.ran == "attest");
    CHECK(program.config == "f");
    CHECK(program.json);
}

TEST_CASE("a command below a group runs, and a group alone is a usage error") {
    Program program;
    CHECK(program({"session", "open"}) == 0);
    CHECK(program.ran == "session open");
    CHECK(complaint({"session"}).first == 2);
}

TEST_CASE("a value may be the name of another command") {
    Program program;
    CHECK(program({"inspect", "attest"}) == 0);
    CHECK(program.ran == "inspect");
    CHECK(program.file == "attest");
    CHECK(program({"attest", "--config", "session"}) == 0);
    CHECK(program.ran == "attest");
    CHECK(program.config == "session");
}

TEST_CASE("an action's exit code is the program's, and its error is told and mapped") {
    CHECK(complaint({"attest"}, ExitCode::contraindicated) == std::pair(3, std::string()));
    const auto [code, text] = complaint({"attest"}, fail(ErrorCode::io, "the disk is gone"));
    CHECK(code == 1);
    CHECK(text == "ore-tool: the disk is gone (io)\n");
    CHECK(complaint({"attest"}, fail(ErrorCode::usage, "no server")).first == 2);
}

TEST_CASE("a command that has commands below it runs where none of these is named") {
    command_line::Command app{"ore-tool", "Assays ore"};
    bool json = false;
    command_line::prepare(app, json, "");
    std::string ran;
    const auto action = [&ran](const char* name) {
        return [&ran, name]() -> Result<ExitCode> {
            ran += name;
            return ExitCode::done;
        };
    };
    auto* hosts = command_line::add_command(app, "hosts", "All of them", "", action("hosts"));
    command_line::add_command(*hosts, "label", "Label one", "", action("label"));
    for (const auto& [words, expected] :
         {std::pair<std::vector<const char*>, std::string>{{"ore-tool", "hosts"}, "hosts"},
          {{"ore-tool", "hosts", "label"}, "label"}}) {
        ran.clear();
        CHECK(command_line::run(app, static_cast<int>(words.size()), words.data()) == 0);
        CHECK(ran == expected);
    }
}

TEST_CASE("what is said of a value follows from the option") {
    using command_line::ValueKind;
    command_line::Command app{"ore-tool", "Assays ore"};
    std::string text;
    std::uint64_t number = 0;
    bool flag = false;
    const auto said = [](const command_line::Option* option) {
        return std::pair(option->kind(), option->value());
    };
    CHECK(said(app.add_flag("--json", flag, "")) == std::pair(ValueKind::none, std::string()));
    CHECK(said(app.add_option("--name", text, "")) == std::pair(ValueKind::text, std::string("TEXT")));
    CHECK(said(app.add_option("--limit", number, "")) == std::pair(ValueKind::text, std::string("UINT")));
    CHECK(said(app.add_option("place", text, "")->type_name("FILE|DIR")) ==
          std::pair(ValueKind::file, std::string("FILE|DIR")));
    CHECK(said(app.add_option("--role", text, "")->one_of({"lee", "roy"})) ==
          std::pair(ValueKind::one_of, std::string("lee|roy")));
    CHECK(app.add_option("--out,-o", text, "")->names() == std::vector<std::string>{"-o", "--out"});
    CHECK(app.positionals().size() == 1);
}

TEST_CASE("a mistyped command is a usage error that suggests the nearest one") {
    const auto [code, text] = complaint({"atest"});
    CHECK(code == 2);
    CHECK(text.find("ore-tool has no command 'atest'; did you mean 'attest'?") != std::string::npos);
    CHECK(complaint({"session", "opne"}).second.find("did you mean 'open'?") != std::string::npos);
    CHECK(complaint({"attest", "--jsno"}).second.find("did you mean '--json'?") != std::string::npos);
}

TEST_CASE("a word that is near to nothing gets no suggestion, and is shown printable") {
    const auto text = complaint({"\x1b[31mxyzzy"}).second;
    CHECK(text.find("did you mean") == std::string::npos);
    CHECK(text.find("\\x1b[31mxyzzy") != std::string::npos);
}

TEST_CASE("the edit distance counts a swap of neighbours as one") {
    CHECK(command_line::edit_distance("opne", "open") == 1);
    CHECK(command_line::edit_distance("", "open") == 4);
    CHECK(command_line::edit_distance("attest", "attest") == 0);
    CHECK(command_line::nearest("hots", {"hosts", "host"}) == "hosts");
    CHECK(command_line::nearest(std::string(1000, 'a'), {"aa"}).empty());
}

TEST_CASE("bash completes commands, options, listed values and paths where each belongs") {
    if (!installed("bash")) ASSAY_SKIP("bash is not installed");
    CHECK(offered_by_bash("ore-tool att", 1) == "attest\n");
    CHECK(offered_by_bash("ore-tool session \"\"", 2).find("close") != std::string::npos);
    CHECK(offered_by_bash("ore-tool session \"\"", 2).find("attest") == std::string::npos);
    CHECK(offered_by_bash("ore-tool attest --js", 2) == "--json\n");
    CHECK(offered_by_bash("ore-tool attest --rule \"\"", 3) == "strict lax\n");
    CHECK(offered_by_bash("ore-tool attest --rule = st", 4) == "strict\n");
    CHECK(offered_by_bash("ore-tool --config or", 2) == "ore.cbor\n");
    CHECK(offered_by_bash("ore-tool inspect or", 2) == "ore.cbor\n");
    CHECK(offered_by_bash("ore-tool completion z", 2) == "zsh\n");
    CHECK(offered_by_bash("ore-tool --config attest s", 3) ==
          "session\n");  // an option's value is no command
}

TEST_CASE("zsh and fish accept their completion scripts") {
    const Program program;
    const auto& tree = program.app;
    const Script zsh(command_line::zsh_completion(tree));
    const Script fish(command_line::fish_completion(tree));
    if (!installed("zsh") || !installed("fish")) ASSAY_SKIP("zsh or fish is not installed");
    CHECK(succeeds("zsh -n " + zsh.path.string()));
    CHECK(succeeds("fish -n " + fish.path.string()));
    const auto offered =
        output_of("fish -c 'source " + fish.path.string() + "; complete -C \"ore-tool session \"'");
    CHECK(offered.find("open\tOpen one") != std::string::npos);
    CHECK(offered.find("attest") == std::string::npos);
}

TEST_CASE("the man page has every command and is well formed roff") {
    const Program program;
    const auto page = command_line::man_page(program.app, "/etc/ore.toml  # its settings");
    for (const auto* part : {".SH NAME", ".SS attest", ".SS session open", "\\-\\-rule", ".SH EXIT STATUS",
                             ".SH FILES", "/etc/ore.toml"}) {
        CAPTURE(part);
        CHECK(page.find(part) != std::string::npos);
    }
    if (!installed("man")) ASSAY_SKIP("man is not installed");
    const Script script(page);
    CHECK(output_of("LC_ALL=C.UTF-8 man --warnings -l " + script.path.string() + " 2>&1 >/dev/null").empty());
}
