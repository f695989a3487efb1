#pragma once

#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

#include <unistd.h>

#include "evidence/base/result.h"

namespace assay::files {

/// Owns a file descriptor; -1 for none.
class FileDescriptor {
  public:
    explicit FileDescriptor(int fd = -1) : fd_(fd) {}
    FileDescriptor(FileDescriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    FileDescriptor& operator=(FileDescriptor&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    FileDescriptor(const FileDescriptor&) = delete;
    FileDescriptor& operator=(const FileDescriptor&) = delete;
    ~FileDescriptor() {
        if (fd_ >= 0) ::close(fd_);
    }
    [[nodiscard]] int get() const { return fd_; }
    explicit operator bool() const { return fd_ >= 0; }

  private:
    int fd_;
};

/// The error of a system call on a device: no such thing, no permission, or that it failed. Of a file
/// error_of_errno (evidence/base/cause.h) says more.
inline std::unexpected<Error> fail_errno(int number, const std::string& what) {
    auto code = ErrorCode::io;
    if (number == ENOENT || number == ENODEV || number == ENXIO || number == ENOTDIR ||
        number == EOPNOTSUPP) {
        code = ErrorCode::not_found;
    }
    if (number == EACCES || number == EPERM) code = ErrorCode::refused;
    return fail(code, what + ": " + std::generic_category().message(number));
}

}  // namespace assay::files
