#include "files/new_file.h"

#include <array>

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "evidence/base/cause.h"
#include "evidence/base/hex.h"
#include "evidence/base/text.h"

namespace assay::files {
namespace {

constexpr int kTries = 16;

std::unexpected<Error> cannot_write(const std::filesystem::path& file) {
    return std::unexpected(error_of_errno(errno, "writing " + printable(file.string())));
}

Result<std::string> random_name() {
    std::array<std::byte, 8> random{};
    if (::getrandom(random.data(), random.size(), 0) != static_cast<ssize_t>(random.size()))
        return fail(ErrorCode::io, "no random bytes of the system");
    return ".assay-" + to_hex(random) + ".new";
}

}  // namespace

std::unexpected<Error> already_there(const std::filesystem::path& target) {
    return fail(ErrorCode::conflict, printable(target.string()) +
                                         " exists and is not overwritten; look at it, or give another name");
}

Result<> write_all(int fd, ByteView content, const std::filesystem::path& what) {
    while (!content.empty()) {
        const auto put = ::write(fd, content.data(), content.size());
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) return cannot_write(what);
        content = content.subspan(static_cast<std::size_t>(put));
    }
    return {};
}

Result<NewFile> NewFile::beside(const std::filesystem::path& target, mode_t mode) {
    const auto named = target.has_parent_path() ? target.parent_path() : std::filesystem::path(".");
    FileDescriptor folder(::open(named.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    // A folder that may be written to and not be listed: all but its sync goes through this as well.
    if (!folder && errno == EACCES)
        folder = FileDescriptor(::open(named.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!folder) return cannot_write(target);
    for (int tries = 0; tries < kTries; ++tries) {
        auto name = TRY(random_name());
        FileDescriptor file(
            ::openat(folder.get(), name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode));
        if (file) return NewFile(target, std::move(folder), std::move(file), std::move(name));
        if (errno != EEXIST) return cannot_write(target);
    }
    return fail(ErrorCode::io, "writing " + printable(target.string()) + ": every name is taken");
}

NewFile::~NewFile() {
    if (folder_ && !name_.empty()) ::unlinkat(folder_.get(), name_.c_str(), 0);
}

Result<> NewFile::belongs_to(uid_t owner, gid_t group, mode_t mode) {
    struct stat made{};
    if (::fstat(file_.get(), &made) != 0) return cannot_write(target_);
    // Asked only where it changes something: a service's sandbox may forbid the call itself.
    const bool given =
        (owner == kAsMade || made.st_uid == owner) && (group == kAsMade || made.st_gid == group);
    if (!given && ::fchown(file_.get(), owner, group) != 0) return cannot_write(target_);
    if (::fchmod(file_.get(), mode) != 0) return cannot_write(target_);
    return {};
}

Result<> NewFile::fill(ByteView content, bool synced) {
    TRY_VOID(write_all(file_.get(), content, target_));
    synced_ = synced;
    if (synced && ::fsync(file_.get()) != 0) return cannot_write(target_);
    return {};
}

Result<> NewFile::replace() {
    const auto name = target_.filename();
    if (::renameat(folder_.get(), name_.c_str(), folder_.get(), name.c_str()) != 0)
        return cannot_write(target_);
    name_.clear();
    return sync_folder();
}

Result<> NewFile::appear() {
    const auto name = target_.filename();
    if (::linkat(folder_.get(), name_.c_str(), folder_.get(), name.c_str(), 0) != 0) {
        if (errno == EEXIST) return already_there(target_);
        return cannot_write(target_);
    }
    return sync_folder();  // its other name goes with this object
}

Result<> NewFile::sync_folder() {
    if (synced_ && ::fsync(folder_.get()) != 0 && errno != EINVAL && errno != EBADF)
        return cannot_write(target_);
    return {};
}

}  // namespace assay::files
