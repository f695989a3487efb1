#include "agent/enrol/token_file.h"

#include <algorithm>

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/devices/file_descriptor.h"
#include "agent/devices/private_file.h"
#include "evidence/base/cause.h"
#include "evidence/base/text.h"
#include "files/output.h"

namespace assay::agent {
namespace {

constexpr std::size_t kMostOfTokenFile = 4096;
constexpr mode_t kOfOthers = 077;

bool may_own(uid_t owner, const std::filesystem::path& state) {
    struct stat folder{};
    return owner == 0 || owner == ::geteuid() ||
           (::stat(state.c_str(), &folder) == 0 && owner == folder.st_uid);
}

Error not_opened(int why, const std::string& name) {
    if (why == ELOOP)
        return {ErrorCode::refused,
                fmt::format("{}: expected a regular file, got a link; put the token itself there", name),
                {}};
    auto error = error_of_errno(why, name);
    // The service is not root, and what lies there is mostly root's.
    if (why == EACCES)
        error.context = fmt::format(
            "{}: this user may not read it; systemctl start assay-agent-token.service takes it", name);
    return error;
}

Result<std::string> first_line_of(int fd, const std::string& name) {
    auto read = read_open_file(fd, name, kMostOfTokenFile);
    if (!read && read.error().code == ErrorCode::limit)
        return fail(ErrorCode::usage, fmt::format("{}: expected a token, got more than {} bytes; put there "
                                                  "what `assay token NAME` prints",
                                                  name, kMostOfTokenFile));
    auto text = TRY(std::move(read));
    text.resize(std::min(text.find_first_of("\r\n"), text.size()));
    const auto is_of_token = [](char c) { return c > ' ' && c < '\x7f'; };
    if (text.empty() || !std::ranges::all_of(text, is_of_token))
        return fail(ErrorCode::usage, fmt::format("{}: expected a token in its first line, got {}; put there "
                                                  "what `assay token NAME` prints",
                                                  name, text.empty() ? "an empty one" : "other characters"));
    return text;
}

}  // namespace

std::filesystem::path taken_token_file(const std::filesystem::path& state) {
    return state / "enrol-token";
}

Result<std::optional<std::string>> read_token_file(const std::filesystem::path& file,
                                                   const std::filesystem::path& state) {
    const auto name = printable(file.string());
    const FileDescriptor fd(::open(file.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK));
    if (!fd && (errno == ENOENT || errno == ENOTDIR)) return std::nullopt;
    if (!fd) return std::unexpected(not_opened(errno, name));
    struct stat info{};
    if (::fstat(fd.get(), &info) != 0) return std::unexpected(error_of_errno(errno, name));
    if (!S_ISREG(info.st_mode))
        return fail(ErrorCode::refused,
                    name + ": expected a regular file, got something else; put the token itself there");
    if (!may_own(info.st_uid, state))
        return fail(
            ErrorCode::refused,
            fmt::format("{0}: expected a file of root or of the agent, got one of user {1}, who could "
                        "have read it; make a new token, and put it there as root",
                        name, info.st_uid));
    if ((info.st_mode & kOfOthers) != 0)
        return fail(
            ErrorCode::refused,
            fmt::format("{0}: expected mode 0600, got {1:04o}, so that others could have read it; make "
                        "a new token, or chmod 600 {0} where you know who could",
                        name, info.st_mode & 07777U));
    return std::optional(TRY(first_line_of(fd.get(), name)));
}

Result<bool> take_token(const std::filesystem::path& file, const std::filesystem::path& state) {
    const auto token = TRY(read_token_file(file, state));
    if (!token) return false;
    TRY_VOID(files::replace_file(taken_token_file(state), as_view(*token + "\n")));
    if (::unlink(file.c_str()) != 0)
        return std::unexpected(error_of_errno(errno, "removing " + printable(file.string())));
    return true;
}

}  // namespace assay::agent
