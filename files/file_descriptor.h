#pragma once

#include <string>
#include <utility>

#include <unistd.h>

#include "evidence/base/cause.h"
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

/// The error of a system call on `what`: no such thing, no permission, or that it failed.
inline std::unexpected<Error> fail_errno(int number, const std::string& what) {
    return std::unexpected(error_of_errno(number, what));
}

}  // namespace assay::files
