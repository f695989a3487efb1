#include "files/private.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "evidence/base/cause.h"
#include "evidence/base/text.h"
#include "files/new_file.h"

namespace assay::files {
namespace {

constexpr mode_t kOwnersFile = 0600;
constexpr mode_t kOfOthers = 077;

std::unexpected<Error> cannot_close(const std::filesystem::path& file) {
    return std::unexpected(error_of_errno(errno, "closing " + printable(file.string()) + " to others"));
}

}  // namespace

Result<FileDescriptor> create_private(const std::filesystem::path& file) {
    FileDescriptor made(
        ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, kOwnersFile));
    if (made) return made;
    if (errno == EEXIST) return already_there(file);
    return std::unexpected(error_of_errno(errno, "making " + printable(file.string())));
}

Result<> make_private(const std::filesystem::path& file) {
    const FileDescriptor made(
        ::open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, kOwnersFile));
    if (made || errno == EEXIST) return {};
    return std::unexpected(error_of_errno(errno, "making " + printable(file.string())));
}

Result<bool> narrow(const std::filesystem::path& file) {
    struct stat info{};
    if (::lstat(file.c_str(), &info) != 0 && errno == ENOENT) return false;
    if (!S_ISREG(info.st_mode) || (info.st_mode & kOfOthers) == 0) return false;
    const FileDescriptor opened(::open(file.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!opened || ::fstat(opened.get(), &info) != 0) return cannot_close(file);
    if (::fchmod(opened.get(), info.st_mode & ~kOfOthers & 07777U) != 0) return cannot_close(file);
    return true;
}

std::vector<std::string> narrow_all(const std::vector<std::filesystem::path>& files) {
    std::vector<std::string> out;
    for (const auto& file : files) {
        const auto was_wide = narrow(file);
        if (!was_wide)
            out.push_back(describe(was_wide.error()) + "; others may read it: close it with chmod 600");
        else if (*was_wide)
            out.push_back(printable(file.string()) +
                          " could be read or written by other users of this machine; now it is its owner's "
                          "alone. Who could log in here before may know what is in it");
    }
    return out;
}

}  // namespace assay::files
