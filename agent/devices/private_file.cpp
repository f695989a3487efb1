#include "agent/devices/private_file.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/devices/file_descriptor.h"
#include "evidence/base/cause.h"
#include "evidence/base/text.h"
#include "files/output.h"

namespace assay::agent {
namespace {

constexpr mode_t kOwnerFolder = 0700;

std::unexpected<Error> failed(const std::filesystem::path& file) {
    return std::unexpected(error_of_errno(errno, printable(file.string())));
}

}  // namespace

Result<std::string> read_small_file(const std::filesystem::path& file, std::size_t limit) {
    const FileDescriptor fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!fd) return failed(file);
    struct stat info{};
    if (::fstat(fd.get(), &info) != 0) return failed(file);
    if (!S_ISREG(info.st_mode)) return fail(ErrorCode::io, printable(file.string()) + ": not a regular file");
    return read_open_file(fd.get(), printable(file.string()), limit);
}

Result<std::string> read_open_file(int fd, const std::string& name, std::size_t limit) {
    std::string text(limit + 1, '\0');
    std::size_t size = 0;
    while (size < text.size()) {
        const auto n = ::read(fd, text.data() + size, text.size() - size);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return std::unexpected(error_of_errno(errno, name));
        if (n == 0) break;
        size += static_cast<std::size_t>(n);
    }
    if (size > limit) return fail(ErrorCode::limit, fmt::format("{}: larger than {} bytes", name, limit));
    text.resize(size);
    return text;
}

Result<void> write_private_file(const std::filesystem::path& file, ByteView content, bool synced) {
    const auto folder = file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
    if (::mkdir(folder.c_str(), kOwnerFolder) != 0 && errno != EEXIST) return failed(folder);
    return files::replace_file(file, content, {.synced = synced});
}

}  // namespace assay::agent
