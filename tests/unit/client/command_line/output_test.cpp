#include <cstdio>
#include <fstream>
#include <functional>
#include <system_error>

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <fmt/core.h>
#include <stdio_ext.h>
#include <unistd.h>

#include "client/command_line/command_line.h"
#include "evidence/base/version.h"
#include "tests/support/machine/temp_folder.h"

using namespace assay;
using namespace assay::command_line;
namespace fs = std::filesystem;

namespace {

/// A program whose one command does what a test says.
struct Smelter {
    Command app{"smelter", "Melts ore"};
    bool json = false;
    std::function<Result<ExitCode>()> act = [] { return ExitCode::done; };

    Smelter() {
        prepare(app, json, "");
        add_command(app, "melt", "Melt some", "", [this] { return act(); });
        auto* group = add_group(app, "slag", "What is left");
        add_command(*group, "dump", "Away with it", "", [this] { return act(); });
    }
};

/// A standard stream that goes to a file for as long as this lives.
class Redirected {
  public:
    Redirected(FILE* stream, const std::string& file, int flags)
        : stream_(stream), kept_(::dup(::fileno(stream))) {
        std::fflush(stream_);
        const int opened = ::open(file.c_str(), flags, 0600);
        REQUIRE(opened >= 0);
        ::dup2(opened, ::fileno(stream_));
        ::close(opened);
    }
    Redirected(const Redirected&) = delete;
    Redirected& operator=(const Redirected&) = delete;
    ~Redirected() {
        std::fflush(stream_);
        std::clearerr(stream_);
        ::dup2(kept_, ::fileno(stream_));
        ::close(kept_);
    }

  private:
    FILE* stream_;
    int kept_;
};

struct Told {
    int code = -1;
    std::string out, err;
};

std::string all_of(const fs::path& file) {
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>(in), {}};
}

Told told(Smelter& smelter, std::vector<const char*> words, const std::string& stdout_to = "") {
    const test::TempFolder folder;
    const auto out = folder.path() / "out", err = folder.path() / "err";
    Told result;
    words.insert(words.begin(), "smelter");
    {
        const Redirected one(stdout, stdout_to.empty() ? out.string() : stdout_to,
                             O_WRONLY | (stdout_to.empty() ? O_CREAT : 0));
        const Redirected two(stderr, err.string(), O_WRONLY | O_CREAT);
        result.code = run(smelter.app, static_cast<int>(words.size()), words.data());
        // What a test cannot write is not left for the next one.
        if (!stdout_to.empty()) __fpurge(stdout);
    }
    result.out = all_of(out);
    result.err = all_of(err);
    return result;
}

Told told(std::vector<const char*> words) {
    Smelter smelter;
    return told(smelter, std::move(words));
}

Told told_of(Result<ExitCode> outcome, std::vector<const char*> words) {
    Smelter smelter;
    smelter.act = [&] { return outcome; };
    return told(smelter, std::move(words));
}

Result<ExitCode> print_much() {
    for (int i = 0; i < 10'000; ++i) fmt::print("line {} of an answer that no buffer holds\n", i);
    return ExitCode::done;
}

const std::string kFull =
    "the disk is full (No space left on device); free or add space on that file system, then try again";

}  // namespace

TEST_CASE("an error is one line on stderr, and with --json one document on stdout with the same exit code") {
    const auto gone = fail(ErrorCode::io, "the disk is gone");
    const auto text = told_of(gone, {"melt"});
    CHECK(text.code == 1);
    CHECK(text.out.empty());
    CHECK(text.err == "smelter: the disk is gone (io)\n");
    for (const auto& words : {std::vector<const char*>{"melt", "--json"}, {"--json", "melt"}}) {
        const auto json = told_of(gone, words);
        CHECK(json.code == 1);
        CHECK(json.err.empty());
        CHECK(json.out ==
              "{\n  \"error\": {\n    \"code\": \"io\",\n    \"message\": \"the disk is gone\",\n"
              "    \"offset\": null\n  }\n}\n");
    }
}

TEST_CASE("with --json an error's place in bytes is a number") {
    const auto json = told_of(fail(ErrorCode::malformed, "event 3", 12), {"melt", "--json"});
    CHECK(json.out.find("\"offset\": 12") != std::string::npos);
    CHECK(told_of(fail(ErrorCode::malformed, "event 3", 12), {"melt"}).err ==
          "smelter: event 3 (malformed at byte 12)\n");
}

TEST_CASE("with --json what is no UTF-8 in an error does not break the document") {
    const auto json = told_of(fail(ErrorCode::io, "file \xff\x1b"), {"melt", "--json"});
    CHECK(json.code == 1);
    CHECK(json.out.find("file \\\\xff\\\\x1b") != std::string::npos);
}

TEST_CASE("with --json a wrong command line is a document too, and exit code 2") {
    for (const auto& words : {std::vector<const char*>{"metl", "--json"},
                              {"melt", "--jsn", "--json"},
                              {"--json", "melt", "one too many"},
                              {"--json"},
                              {"slag", "--json"}}) {
        const auto json = told(words);
        CHECK(json.code == 2);
        CHECK(json.err.empty());
        CHECK(json.out.find("\"code\": \"usage\"") != std::string::npos);
    }
    CHECK(told({"melt", "--json"}).code == 0);
    CHECK(told({"melt", "--json"}).out.empty());
}

TEST_CASE("an answer that cannot be written names stdout and why, whatever its length") {
    if (!fs::exists("/dev/full")) FAIL("/dev/full is missing");
    Smelter smelter;
    for (const auto& [words, much] : {std::pair<std::vector<const char*>, bool>{{"melt"}, false},
                                      {{"melt"}, true},
                                      {{"version"}, false},
                                      {{"man"}, false},
                                      {{"completion", "bash"}, false},
                                      {{"help"}, false},
                                      {{"--help"}, false},
                                      {{"--version"}, false}}) {
        smelter.act = [much = much]() -> Result<ExitCode> {
            if (much) return print_much();
            fmt::print("short\n");
            return ExitCode::done;
        };
        const auto full = told(smelter, words, "/dev/full");
        CHECK(full.code == 1);
        CHECK(full.err == "smelter: writing to stdout: " + kFull + " (io)\n");
    }
}

TEST_CASE("with --json an answer that cannot be written is a document on stderr") {
    Smelter smelter;
    smelter.act = print_much;
    const auto full = told(smelter, {"melt", "--json"}, "/dev/full");
    CHECK(full.code == 1);
    CHECK(full.err == "{\n  \"error\": {\n    \"code\": \"io\",\n    \"message\": \"writing to stdout: " +
                          kFull + "\",\n    \"offset\": null\n  }\n}\n");
}

TEST_CASE("a verdict that could not be written keeps its exit code") {
    Smelter smelter;
    smelter.act = []() -> Result<ExitCode> {
        fmt::print("no go\n");
        return ExitCode::contraindicated;
    };
    const auto full = told(smelter, {"melt"}, "/dev/full");
    CHECK(full.code == 3);
    CHECK(full.err.find("writing to stdout") != std::string::npos);
}

TEST_CASE("what the system refuses is no defect in Assay, and what is one says so") {
    Smelter smelter;
    smelter.act = []() -> Result<ExitCode> {
        throw std::system_error(ENOSPC, std::generic_category(), "copying the log");
    };
    const auto full = told(smelter, {"melt"});
    CHECK(full.code == 1);
    CHECK(full.err == "smelter: copying the log: " + kFull + " (io)\n");
    smelter.act = []() -> Result<ExitCode> { throw std::logic_error("the table is empty"); };
    const auto defect = told(smelter, {"melt"});
    CHECK(defect.code == 1);
    CHECK(defect.err == "smelter: a defect in Assay: the table is empty (internal)\n");
}

TEST_CASE("a full stderr does not end the program otherwise than an empty one") {
    Smelter smelter;
    smelter.act = [] { return fail(ErrorCode::usage, "no server"); };
    const Redirected err(stderr, "/dev/full", O_WRONLY);
    std::vector<const char*> words{"smelter", "melt"};
    CHECK(run(smelter.app, 2, words.data()) == 2);
    words[1] = "metl";
    CHECK(run(smelter.app, 2, words.data()) == 2);
}

TEST_CASE("the version is told by -V, --version and version") {
    const auto version = "smelter " + std::string(kVersion) + "\n";
    for (const auto* word : {"-V", "--version", "version"}) {
        const auto said = told({word});
        CHECK(said.code == 0);
        CHECK(said.out == version);
        CHECK(said.err.empty());
    }
    CHECK(told({"version", "--json"}).out ==
          "{\n  \"program\": \"smelter\",\n  \"version\": \"" + std::string(kVersion) + "\"\n}\n");
}

TEST_CASE("help is --help, of the program and of each command") {
    const auto all = told({"--help"});
    CHECK(all.code == 0);
    CHECK(all.out.find("slag") != std::string::npos);
    CHECK(told({"help"}).out == all.out);
    CHECK(told({"-h"}).out == all.out);
    CHECK(told({"help", "melt"}).out == told({"melt", "--help"}).out);
    CHECK(told({"help", "slag", "dump"}).out == told({"slag", "dump", "--help"}).out);
    CHECK(told({"help", "slag"}).out == told({"slag", "--help"}).out);
    const auto none = told({"help", "slag", "burn"});
    CHECK(none.code == 2);
    CHECK(none.err ==
          "smelter: smelter slag has no command 'burn'; 'smelter slag --help' lists them (usage)\n");
}

TEST_CASE("the bare program, or a bare group, lists its commands on stderr and is exit code 2") {
    const auto bare = told(std::vector<const char*>{});
    CHECK(bare.code == 2);
    CHECK(bare.out.empty());
    CHECK(bare.err.find("Melt some") != std::string::npos);
    CHECK(
        bare.err.ends_with("smelter: expected a command, got none; give one of: version, help, "
                           "completion, man, melt, slag (usage)\n"));
    const auto group = told({"slag"});
    CHECK(group.code == 2);
    CHECK(group.err.find("Away with it") != std::string::npos);
    CHECK(group.err.find("expected a command of 'slag', got none; give one of: dump") != std::string::npos);
}

TEST_CASE("of verdicts the gravest counts") {
    using enum ExitCode;
    CHECK(graver(done, done) == done);
    CHECK(graver(done, warning) == warning);
    CHECK(graver(none, warning) == none);
    CHECK(graver(warning, none) == none);
    CHECK(graver(none, contraindicated) == contraindicated);
    CHECK(graver(contraindicated, done) == contraindicated);
}
