#include "agent/enrol/token_file.h"

#include <fstream>

#include <catch2/catch.hpp>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/machine/skip.h"
#include "tests/support/machine/temp_folder.h"
#include "tests/support/machine/value.h"

using namespace assay;
using namespace assay::agent;

namespace {

std::filesystem::path put(const test::TempFolder& folder, const std::string& text, mode_t mode = 0600) {
    const auto file = folder.path() / "enrol-token";
    std::ofstream(file) << text;
    REQUIRE(::chmod(file.c_str(), mode) == 0);
    return file;
}

}  // namespace

TEST_CASE(
    "a token is the first line of a file that its owner alone can use, and nothing where there is none") {
    const test::TempFolder folder;
    CHECK(test::value(read_token_file(folder.path() / "nothing", folder.path())) == std::nullopt);
    CHECK(test::value(read_token_file(folder.path() / "no/folder", folder.path())) == std::nullopt);
    CHECK(test::value(read_token_file(put(folder, "abc-1\r\n# a remark\n"), folder.path())) == "abc-1");
    CHECK(test::value(read_token_file(put(folder, "abc-1", 0400), folder.path())) == "abc-1");
}

TEST_CASE("a token that others could read, or have put there, is not taken, and it is said what to do") {
    const test::TempFolder folder;
    for (const mode_t mode : {0640, 0604, 0622, 0660}) {
        const auto token = read_token_file(put(folder, "abc-1\n", mode), folder.path());
        REQUIRE_FALSE(token);
        CHECK(token.error().code == ErrorCode::refused);
        CHECK_THAT(token.error().context,
                   Catch::Contains("expected mode 0600, got 0") && Catch::Contains("make a new token"));
    }
    if (::geteuid() != 0) ASSAY_SKIP("only root can give a file to another user");
    const auto file = put(folder, "abc-1\n");
    REQUIRE(::chown(file.c_str(), 4711, 4711) == 0);
    const auto others = read_token_file(file, folder.path());
    REQUIRE_FALSE(others);
    CHECK_THAT(others.error().context, Catch::Contains("got one of user 4711"));
    // The agent's own user is who the state belongs to.
    REQUIRE(::chown(folder.path().c_str(), 4711, 4711) == 0);
    CHECK(test::value(read_token_file(file, folder.path())) == "abc-1");
}

TEST_CASE("a link, a folder, a pipe and what holds no token are refused and never waited for") {
    const test::TempFolder folder;
    const auto file = put(folder, "abc-1\n");
    const auto link = folder.path() / "link";
    std::filesystem::create_symlink(file, link);
    const auto linked = read_token_file(link, folder.path());
    REQUIRE_FALSE(linked);
    CHECK_THAT(linked.error().context, Catch::Contains("got a link"));
    CHECK_FALSE(read_token_file(folder.path(), folder.path()));
    const auto pipe = folder.path() / "pipe";
    REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
    CHECK_FALSE(read_token_file(pipe, folder.path()));
    for (const auto& text : {std::string(), std::string("\n"), std::string("two words\n"),
                             std::string("a\0b", 3), std::string(5000, 'a')}) {
        const auto token = read_token_file(put(folder, text), folder.path());
        REQUIRE_FALSE(token);
        CHECK(token.error().code == ErrorCode::usage);
        CHECK_THAT(token.error().context, Catch::Contains("assay token NAME"));
    }
}

TEST_CASE("a token that is taken moves into the state folder, its owner's alone") {
    const test::TempFolder folder;
    const test::TempFolder state;
    CHECK_FALSE(test::value(take_token(folder.path() / "enrol-token", state.path())));
    const auto file = put(folder, "abc-1\n");
    if (::geteuid() == 0) REQUIRE(::chown(state.path().c_str(), 4711, 4711) == 0);
    CHECK(test::value(take_token(file, state.path())));
    CHECK_FALSE(std::filesystem::exists(file));
    struct stat info{};
    REQUIRE(::stat(taken_token_file(state.path()).c_str(), &info) == 0);
    CHECK((info.st_mode & 0777U) == 0600);
    CHECK(info.st_uid == (::geteuid() == 0 ? 4711 : ::geteuid()));
    CHECK(test::value(read_token_file(taken_token_file(state.path()), state.path())) == "abc-1");
    // One that is no good stays where it is, for its owner to see.
    const auto wide = put(folder, "abc-2\n", 0644);
    CHECK_FALSE(take_token(wide, state.path()));
    CHECK(std::filesystem::exists(wide));
}
