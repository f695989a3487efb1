#include "verifier/service/setup/operation/beneath.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <system_error>

#include <fcntl.h>
#include <fmt/core.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "evidence/base/cause.h"
#include "evidence/base/digest.h"
#include "evidence/base/text.h"
#include "files/new_file.h"
#include "files/private.h"

namespace assay::setup {
namespace {

namespace fs = std::filesystem;

std::unexpected<Error> not_plain(const fs::path& entry) {
    return fail(
        ErrorCode::refused,
        fmt::format(
            "{}: expected a file or a folder, got a link or something else; put the file itself in its "
            "place, or take it out of the folder",
            printable(entry.string())));
}

/// All of `from` through a hash, and into `target` where there is one.
Result<FileFact> pass(int from, const std::string& path, const fs::path& named, const fs::path* target,
                      int to) {
    FileFact out{path, 0, ""};
    Hasher hasher(HashAlgorithm::sha256);
    std::array<std::byte, 1U << 16U> block{};
    for (;;) {
        const auto got = ::read(from, block.data(), block.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return std::unexpected(error_of_errno(errno, "reading " + printable(named.string())));
        if (got == 0) break;
        const auto part = ByteView(block).first(static_cast<std::size_t>(got));
        hasher.update(part);
        out.size += part.size();
        if (target != nullptr) TRY_VOID(files::write_all(to, part, *target));
    }
    out.sha256 = hasher.finish().hex();
    return out;
}

}  // namespace

bool is_plain_path(const std::string& path) {
    constexpr std::size_t kLongest = 1024;
    if (path.empty() || path.size() > kLongest || printable(path) != path) return false;
    return fs::path(path).is_relative() && std::ranges::all_of(fs::path(path), [](const fs::path& step) {
               return !step.empty() && step != "." && step != "..";
           });
}

Result<Tree> tree_of(const fs::path& folder) {
    Tree out;
    std::error_code error;
    for (fs::recursive_directory_iterator entry(folder, error), end; !error && entry != end;
         entry.increment(error)) {
        const auto path = fs::relative(entry->path(), folder, error).string();
        if (error) break;
        const auto status = entry->symlink_status(error);
        if (error) break;
        // What a program writes beside its target, and renames, may be gone again by now.
        if (status.type() == fs::file_type::not_found) continue;
        if (!is_plain_path(path)) return not_plain(entry->path());
        if (status.type() == fs::file_type::directory)
            out.folders.push_back(path);
        else if (status.type() == fs::file_type::regular)
            out.files.push_back(path);
        else
            return not_plain(entry->path());
        if (out.files.size() + out.folders.size() > kMostEntries)
            return fail(
                ErrorCode::limit,
                fmt::format("{}: expected at most {} files and folders, found more; take out what is no "
                            "verifier's",
                            printable(folder.string()), kMostEntries));
    }
    if (error) return fail(ErrorCode::io, printable(folder.string()) + ": " + error.message());
    std::ranges::sort(out.files);
    std::ranges::sort(out.folders);
    return out;
}

Result<> flush_to_disk(const fs::path& folder) {
    const files::FileDescriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (opened && ::syncfs(opened.get()) == 0) return {};
    return std::unexpected(error_of_errno(errno, "writing " + printable(folder.string())));
}

Result<Beneath> Beneath::open(const fs::path& folder) {
    files::FileDescriptor descriptor(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!descriptor) return std::unexpected(error_of_errno(errno, "opening " + printable(folder.string())));
    return Beneath(folder, std::move(descriptor));
}

Result<files::FileDescriptor> Beneath::read(const std::string& path) const {
    open_how how{};
    how.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK;  // a pipe would wait for who writes
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): the C library has no function for it
    files::FileDescriptor file(
        static_cast<int>(::syscall(SYS_openat2, descriptor_.get(), path.c_str(), &how, sizeof how)));
    const auto named = folder_ / path;
    if (!file && (errno == ELOOP || errno == EXDEV)) return not_plain(named);
    if (!file) return std::unexpected(error_of_errno(errno, "reading " + printable(named.string())));
    struct stat info{};
    if (::fstat(file.get(), &info) != 0 || !S_ISREG(info.st_mode)) return not_plain(named);
    return file;
}

Result<FileFact> Beneath::look(const std::string& path) const {
    const auto file = TRY(read(path));
    return pass(file.get(), path, folder_ / path, nullptr, -1);
}

Result<FileFact> Beneath::copy(const std::string& path, const fs::path& target) const {
    const auto file = TRY(read(path));
    const auto to = TRY(files::create_private(target));
    auto done = TRY(pass(file.get(), path, folder_ / path, &target, to.get()));
    if (::fsync(to.get()) != 0)
        return std::unexpected(error_of_errno(errno, "writing " + printable(target.string())));
    return done;
}

}  // namespace assay::setup
