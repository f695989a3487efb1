#include "files/output.h"

#include <fstream>
#include <thread>

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "files/file_descriptor.h"
#include "files/new_file.h"
#include "tests/support/machine/skip.h"
#include "tests/support/machine/temp_folder.h"

using namespace assay;
using assay::test::TempFolder;
namespace fs = std::filesystem;

namespace {

std::string content_of(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

void put(const fs::path& file, std::string_view text) {
    std::ofstream(file, std::ios::binary) << text;
}

struct stat status_of(const fs::path& file) {
    struct stat info{};
    REQUIRE(::lstat(file.c_str(), &info) == 0);
    return info;
}

std::size_t files_in(const fs::path& folder) {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

Result<> write(const fs::path& target, std::string_view text, files::OutputRules rules = {}) {
    return files::write_output(target, as_view(text), rules);
}

constexpr uid_t kStranger = 54'321;

/// A folder that all may write to, with one thing in it that is a stranger's.
struct Shared {
    TempFolder folder;
    fs::path target = folder.path() / "report.html";
    Shared() {
        if (::geteuid() != 0) ASSAY_SKIP("only root can make what belongs to somebody else");
        REQUIRE(::chmod(folder.path().c_str(), 01777) == 0);
    }
    void belongs_to_a_stranger() const { REQUIRE(::lchown(target.c_str(), kStranger, kStranger) == 0); }
};

}  // namespace

TEST_CASE("a new file has what was written and nothing is left beside it") {
    const TempFolder folder;
    const auto target = folder.path() / "new";
    REQUIRE(write(target, "whole"));
    CHECK(content_of(target) == "whole");
    CHECK(files_in(folder.path()) == 1);
    REQUIRE(write(folder.path() / "kept", "x", {.mode = 0600}));
    CHECK((status_of(folder.path() / "kept").st_mode & 0777U) == 0600);
}

TEST_CASE("a regular file is replaced in one step and keeps owner, group and mode") {
    const TempFolder folder;
    const auto target = folder.path() / "old";
    put(target, "a longer text of before");
    REQUIRE(::chmod(target.c_str(), 0640) == 0);
    if (::geteuid() == 0) REQUIRE(::chown(target.c_str(), kStranger, kStranger) == 0);
    const auto before = status_of(target);
    const std::ifstream reader(target);  // whoever has it open reads on what was there
    REQUIRE(write(target, "new"));
    const auto after = status_of(target);
    CHECK(content_of(target) == "new");
    CHECK(after.st_ino != before.st_ino);
    CHECK(after.st_mode == before.st_mode);
    CHECK(after.st_uid == before.st_uid);
    CHECK(after.st_gid == before.st_gid);
    CHECK(files_in(folder.path()) == 1);
}

TEST_CASE("a device is written to, not replaced") {
    const TempFolder folder;
    const auto null = folder.path() / "null";
    if (::mknod(null.c_str(), S_IFCHR | 0666, ::makedev(1, 3)) != 0 ||
        !files::FileDescriptor(::open(null.c_str(), O_WRONLY | O_CLOEXEC)))
        ASSAY_SKIP("no device can be made here");
    REQUIRE(write(null, "gone"));
    CHECK(S_ISCHR(status_of(null).st_mode));
    CHECK(files_in(folder.path()) == 1);
    REQUIRE(write(null, "gone", {.keeps_existing = true}));  // nothing of it is overwritten
    REQUIRE(write("/dev/null", "gone"));
    CHECK(S_ISCHR(status_of("/dev/null").st_mode));
}

TEST_CASE("a full device is an error that says so") {
    const auto full = write("/dev/full", "text");
    REQUIRE_FALSE(full);
    CHECK(full.error().code == ErrorCode::io);
    CHECK(
        full.error().context.starts_with("writing /dev/full: the disk is full (No space left on device); "));
}

TEST_CASE("a link stays a link, and what it leads to is written to") {
    const TempFolder folder;
    const auto file = folder.path() / "file", link = folder.path() / "link";
    put(file, "a longer text of before");
    fs::create_symlink("file", link);
    const auto before = status_of(file);
    REQUIRE(write(link, "new"));
    CHECK(S_ISLNK(status_of(link).st_mode));
    CHECK(content_of(file) == "new");
    CHECK(status_of(file).st_ino == before.st_ino);
    const auto kept = write(link, "newer", {.keeps_existing = true});
    REQUIRE_FALSE(kept);
    CHECK(kept.error().code == ErrorCode::conflict);
    CHECK(content_of(file) == "new");
    fs::create_symlink("/dev/null", folder.path() / "to-null");
    REQUIRE(write(folder.path() / "to-null", "gone"));
    CHECK(S_ISLNK(status_of(folder.path() / "to-null").st_mode));
}

TEST_CASE("a link to nothing is refused, and nothing is made at its end") {
    const TempFolder folder;
    const auto end = folder.path() / "end", link = folder.path() / "link";
    fs::create_symlink("end", link);
    const auto refused = write(link, "text");
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::not_found);
    CHECK_FALSE(fs::exists(end));
}

TEST_CASE("a pipe gets what is written, and stays a pipe") {
    const TempFolder folder;
    const auto pipe = folder.path() / "pipe";
    REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
    std::string read;
    std::thread reader([&] { read = content_of(pipe); });
    const auto written = write(pipe, "through");
    reader.join();
    REQUIRE(written);
    CHECK(read == "through");
    CHECK(S_ISFIFO(status_of(pipe).st_mode));
}

TEST_CASE("a folder, and a file in no folder, are errors") {
    const TempFolder folder;
    CHECK(write(folder.path(), "x").error().code == ErrorCode::usage);
    CHECK(write(folder.path() / "no" / "file", "x").error().code == ErrorCode::not_found);
}

TEST_CASE("what must not be overwritten is a conflict, and stays") {
    const TempFolder folder;
    const auto target = folder.path() / "file";
    REQUIRE(write(target, "first", {.keeps_existing = true}));
    const auto again = write(target, "second", {.keeps_existing = true});
    REQUIRE_FALSE(again);
    CHECK(again.error().code == ErrorCode::conflict);
    CHECK(content_of(target) == "first");
    CHECK(files_in(folder.path()) == 1);
}

TEST_CASE("what was planted beside the target under a name that can be guessed is not touched") {
    const TempFolder folder;
    const auto target = folder.path() / "report.html", victim = folder.path() / "victim";
    put(victim, "safe");
    fs::create_symlink("victim", folder.path() / "report.html.new");
    REQUIRE(write(target, "report"));
    REQUIRE(files::replace_file(target, as_view("state")));
    CHECK(content_of(victim) == "safe");
    CHECK(content_of(target) == "state");
}

TEST_CASE("a stranger's link, file or pipe in a folder that all may write to is refused") {
    for (const int kind : {S_IFLNK, S_IFREG, S_IFIFO}) {
        const Shared shared;
        const auto victim = shared.folder.path() / "victim";
        put(victim, "safe");
        if (kind == S_IFLNK) fs::create_symlink("victim", shared.target);
        if (kind == S_IFREG) put(shared.target, "mine");
        if (kind == S_IFIFO) REQUIRE(::mkfifo(shared.target.c_str(), 0666) == 0);
        REQUIRE(write(shared.folder.path() / "own", "x"));
        shared.belongs_to_a_stranger();
        const auto refused = write(shared.target, "secret");
        REQUIRE_FALSE(refused);
        CHECK(refused.error().code == ErrorCode::refused);
        CHECK(content_of(victim) == "safe");
    }
}

TEST_CASE("one's own link and file in a folder that all may write to are written to") {
    const Shared shared;
    const auto file = shared.folder.path() / "file";
    put(file, "before");
    fs::create_symlink("file", shared.target);
    REQUIRE(write(shared.target, "through"));
    CHECK(content_of(file) == "through");
    REQUIRE(write(file, "direct"));
    CHECK(content_of(file) == "direct");
}

TEST_CASE("a file of a folder that is closed to its writer is written in place") {
    const TempFolder folder;
    if (::geteuid() != 0) ASSAY_SKIP("only root can become another user");
    const auto target = folder.path() / "file";
    put(target, "before");
    REQUIRE(::chmod(target.c_str(), 0666) == 0);
    REQUIRE(::chmod(folder.path().c_str(), 0755) == 0);
    const auto child = ::fork();
    if (child == 0) {
        const bool became = ::setgid(kStranger) == 0 && ::setuid(kStranger) == 0;
        ::_exit(became && write(target, "after") ? 0 : 1);
    }
    int status = -1;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(status == 0);
    CHECK(content_of(target) == "after");
    CHECK(status_of(target).st_uid == 0);
}

TEST_CASE("a file of state replaces a link and does not follow it, and is its owner's alone") {
    const TempFolder folder;
    const auto victim = folder.path() / "victim", state = folder.path() / "state";
    put(victim, "safe");
    fs::create_symlink("victim", state);
    REQUIRE(files::replace_file(state, as_view("new")));
    CHECK(content_of(victim) == "safe");
    CHECK(content_of(state) == "new");
    CHECK(S_ISREG(status_of(state).st_mode));
    CHECK((status_of(state).st_mode & 0777U) == 0600);
}

TEST_CASE("what root writes into a service's folder can be read by the service") {
    const TempFolder folder;
    if (::geteuid() != 0) ASSAY_SKIP("only root can give a file away");
    REQUIRE(::chown(folder.path().c_str(), kStranger, kStranger) == 0);
    REQUIRE(files::replace_file(folder.path() / "new", as_view("x")));
    CHECK(status_of(folder.path() / "new").st_uid == kStranger);
    put(folder.path() / "roots", "x");
    REQUIRE(files::replace_file(folder.path() / "roots", as_view("y")));
    CHECK(status_of(folder.path() / "roots").st_uid == 0);
}

TEST_CASE("a file that was begun and not put into its place is gone") {
    const TempFolder folder;
    {
        auto made = files::NewFile::beside(folder.path() / "target", 0600);
        REQUIRE(made);
        REQUIRE(made->fill(as_view("half")));
        CHECK(files_in(folder.path()) == 1);
    }
    CHECK(files_in(folder.path()) == 0);
}
