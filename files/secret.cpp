#include "files/secret.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include <fcntl.h>
#include <fmt/core.h>
#include <termios.h>
#include <unistd.h>

#include "evidence/base/cause.h"
#include "evidence/base/text.h"
#include "files/file_descriptor.h"

namespace assay::files {
namespace {

constexpr std::size_t kSecret = 4096;  // bytes

/// A terminal that does not show what is typed, for as long as this lives.
class Unseen {
  public:
    explicit Unseen(int fd) : fd_(fd), is_terminal_(::tcgetattr(fd, &before_) == 0) {
        if (!is_terminal_) return;
        auto silent = before_;
        silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        ::tcsetattr(fd_, TCSAFLUSH, &silent);
        std::fputs("secret: ", stderr);
    }
    Unseen(const Unseen&) = delete;
    Unseen& operator=(const Unseen&) = delete;
    ~Unseen() {
        if (!is_terminal_) return;
        ::tcsetattr(fd_, TCSAFLUSH, &before_);
        std::fputs("\n", stderr);
    }

  private:
    int fd_;
    termios before_{};
    bool is_terminal_;
};

Result<std::string> first_line(int fd, const std::string& named) {
    std::string text(kSecret + 1, '\0');
    std::size_t size = 0;
    const Unseen unseen(fd);
    while (size < text.size() &&
           std::string_view(text).substr(0, size).find('\n') == std::string_view::npos) {
        const auto got = ::read(fd, text.data() + size, text.size() - size);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return std::unexpected(error_of_errno(errno, "reading " + named));
        if (got == 0) break;
        size += static_cast<std::size_t>(got);
    }
    text.resize(size);
    text.resize(std::min(text.find_first_of("\r\n"), size));
    if (text.size() > kSecret)
        return fail(ErrorCode::limit,
                    fmt::format("{}: its first line is longer than {} bytes", named, kSecret));
    if (text.empty() || text.find('\0') != std::string::npos)
        return fail(ErrorCode::usage, fmt::format("{}: expected the secret in its first line, got {}", named,
                                                  text.empty() ? "an empty one" : "one with a NUL"));
    return text;
}

}  // namespace

Result<std::string> read_secret(std::string_view file_or_stdin) {
    if (file_or_stdin == kStdin) return first_line(STDIN_FILENO, "standard input");
    const std::string name(file_or_stdin);
    const FileDescriptor file(::open(name.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file) return std::unexpected(error_of_errno(errno, "reading " + printable(name)));
    return first_line(file.get(), printable(name));
}

Result<std::string> secret_of(const SecretSources& sources) {
    if (!sources.given.empty() && !sources.file.empty())
        return fail(ErrorCode::usage,
                    fmt::format("expected {0} or {0}-file, got both; the file is the one that "
                                "others do not see",
                                sources.option));
    if (!sources.file.empty()) return with_context(read_secret(sources.file), sources.option);
    if (!sources.given.empty()) return std::string(sources.given);
    const auto* folder =
        std::getenv("CREDENTIALS_DIRECTORY");  // NOLINT(concurrency-mt-unsafe): nobody sets it
    if (folder == nullptr || *folder == '\0') return std::string();
    const auto file = (std::filesystem::path(folder) / sources.credential).string();
    if (::access(file.c_str(), F_OK) != 0) return std::string();
    return with_context(read_secret(file), sources.option);
}

}  // namespace assay::files
