#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include "evidence/base/cause.h"
#include "evidence/base/text.h"
#include "files/file_descriptor.h"
#include "verifier/service/inputs/inputs.h"

namespace assay::inputs {
namespace {

std::unexpected<Error> system_error(const std::filesystem::path& path, std::string_view doing) {
    const int error = errno;
    return std::unexpected(error_of_errno(error, fmt::format("{} {}", doing, printable(path.string()))));
}

constexpr std::size_t kFilesOfAFolder = 10'000;

}  // namespace

Result<Bytes> read_file(const std::filesystem::path& path, std::size_t limit) {
    const files::FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file) return system_error(path, "reading");
    Bytes content;
    std::array<std::byte, 65536> block{};
    while (true) {
        const auto got = ::read(file.get(), block.data(), block.size());
        if (got < 0) {
            if (errno == EINTR) continue;
            return system_error(path, "reading");
        }
        if (got == 0) return content;
        if (content.size() + static_cast<std::size_t>(got) > limit) {
            return fail(ErrorCode::limit,
                        fmt::format("{} is larger than {} bytes", printable(path.string()), limit));
        }
        content.insert(content.end(), block.begin(), block.begin() + got);
    }
}

Result<std::vector<std::filesystem::path>> files_of(const std::filesystem::path& folder,
                                                    std::initializer_list<std::string_view> endings) {
    std::error_code error;
    std::vector<std::filesystem::path> files;
    for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end;
         entry.increment(error)) {
        const auto ending = entry->path().extension().string();
        if (std::ranges::find(endings, ending) == endings.end()) continue;
        if (files.size() == kFilesOfAFolder)
            return fail(ErrorCode::limit, "too many files in " + printable(folder.string()));
        files.push_back(entry->path());
    }
    if (error) {
        return fail(ErrorCode::not_found,
                    fmt::format("reading the folder {}: {}", printable(folder.string()), error.message()));
    }
    std::ranges::sort(files);
    return files;
}

}  // namespace assay::inputs
