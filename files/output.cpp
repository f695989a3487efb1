#include "files/output.h"

#include <cstdio>

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include "evidence/base/cause.h"
#include "evidence/base/text.h"
#include "files/new_file.h"

namespace assay::files {
namespace {

namespace fs = std::filesystem;

constexpr mode_t kPermissions = 0777;  // no set-user-ID bit travels to what we wrote
constexpr mode_t kOwner = 0600;

std::unexpected<Error> cannot(const fs::path& file) {
    return std::unexpected(error_of_errno(errno, "writing " + printable(file.string())));
}

fs::path folder_of(const fs::path& file) {
    return file.has_parent_path() ? file.parent_path() : fs::path(".");
}

Result<> write_into(const FileDescriptor& file, ByteView content, const fs::path& target) {
    struct stat opened{};
    if (::fstat(file.get(), &opened) != 0) return cannot(target);
    const bool regular = S_ISREG(opened.st_mode);
    if (regular && ::ftruncate(file.get(), 0) != 0) return cannot(target);
    TRY_VOID(write_all(file.get(), content, target));
    if (regular && ::fsync(file.get()) != 0) return cannot(target);
    return {};
}

Result<> write_through(const fs::path& target, ByteView content, const OutputRules& rules, int flags) {
    const FileDescriptor file(::open(target.c_str(), O_WRONLY | O_NOCTTY | O_CLOEXEC | flags));
    if (!file && errno == ENOENT)
        return fail(ErrorCode::not_found, fmt::format("writing {}: expected a file at its end, got a link to "
                                                      "nothing; make that file, or give another name",
                                                      printable(target.string())));
    if (!file) return cannot(target);
    struct stat opened{};
    if (::fstat(file.get(), &opened) != 0) return cannot(target);
    if (S_ISREG(opened.st_mode) && rules.keeps_existing) return already_there(target);
    return write_into(file, content, target);
}

Result<> replace_regular(const fs::path& target, ByteView content, const OutputRules& rules,
                         const struct stat& there) {
    // Opened first: who may not write to it does not replace it either.
    const FileDescriptor old(::open(target.c_str(), O_WRONLY | O_NOFOLLOW | O_CLOEXEC));
    if (!old) return cannot(target);
    struct stat opened{};
    if (::fstat(old.get(), &opened) != 0) return cannot(target);
    if (opened.st_ino != there.st_ino || opened.st_dev != there.st_dev)
        return fail(ErrorCode::conflict, fmt::format("writing {}: it was replaced in the meantime; try again",
                                                     printable(target.string())));
    auto made = NewFile::beside(target, kOwner);
    if (!made && made.error().code != ErrorCode::refused) return std::unexpected(made.error());
    if (!made || !made->belongs_to(opened.st_uid, opened.st_gid, opened.st_mode & kPermissions))
        return write_into(old, content, target);
    TRY_VOID(made->fill(content, rules.synced));
    return made->replace();
}

}  // namespace

Result<> write_output(const fs::path& target, ByteView content, OutputRules rules) {
    if (is_stdout(target)) return write_stdout(as_text(content));
    struct stat there{};
    if (::lstat(target.c_str(), &there) != 0) {
        if (errno != ENOENT) return cannot(target);
        auto made = TRY(NewFile::beside(target, rules.mode));
        TRY_VOID(made.fill(content, rules.synced));
        return rules.keeps_existing ? made.appear() : made.replace();
    }
    TRY_VOID(was_not_planted(target));
    if (S_ISLNK(there.st_mode)) return write_through(target, content, rules, 0);
    if (S_ISDIR(there.st_mode))
        return fail(ErrorCode::usage,
                    fmt::format("writing {}: expected a file, got a folder", printable(target.string())));
    if (!S_ISREG(there.st_mode)) return write_through(target, content, rules, O_NOFOLLOW);
    if (rules.keeps_existing) return already_there(target);
    return replace_regular(target, content, rules, there);
}

Result<> replace_file(const fs::path& file, ByteView content, StateRules rules) {
    auto made = TRY(NewFile::beside(file, kOwner));
    struct stat keeper{};
    const bool there = ::lstat(file.c_str(), &keeper) == 0 && S_ISREG(keeper.st_mode);
    if (!there && ::stat(folder_of(file).c_str(), &keeper) != 0) return cannot(file);
    // Only root can give a file away.
    const bool given = ::geteuid() == 0;
    TRY_VOID(made.belongs_to(given ? keeper.st_uid : NewFile::kAsMade,
                             given ? keeper.st_gid : NewFile::kAsMade, rules.mode));
    TRY_VOID(made.fill(content, rules.synced));
    return made.replace();
}

Result<> was_not_planted(const fs::path& there) {
    struct stat it{}, folder{};
    if (::lstat(there.c_str(), &it) != 0 || ::stat(folder_of(there).c_str(), &folder) != 0)
        return cannot(there);
    if ((folder.st_mode & S_IWOTH) == 0 || it.st_uid == ::geteuid() || it.st_uid == folder.st_uid) return {};
    return fail(ErrorCode::refused,
                fmt::format("writing {}: user {} put it there, in a folder that all may write to; look at it "
                            "('ls -ld'), and give a name in a folder of your own",
                            printable(there.string()), it.st_uid));
}

Result<> write_stdout(std::string_view text) {
    if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size()) return {};
    return std::unexpected(error_of_errno(errno, "writing to stdout"));
}

}  // namespace assay::files
