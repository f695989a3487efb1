#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "evidence/base/result.h"
#include "files/file_descriptor.h"

/// Files below one folder, named by their path in it. No link is followed on the way, and nothing leads out
/// of it: what a backup holds, and what a restore reads, is what lies there.
namespace assay::setup {

/// Files and folders of one tree.
inline constexpr std::size_t kMostEntries = 10'000;

struct Tree {
    std::vector<std::string> files, folders;  ///< relative, sorted; a folder stands before what is in it
};
/// What is below the folder. `refused` for a link, a socket, a pipe or a device, with its name; `limit` for
/// more than kMostEntries.
Result<Tree> tree_of(const std::filesystem::path& folder);

/// What a file is.
struct FileFact {
    std::string path;  ///< in its folder: "ca/ca.key"
    std::uint64_t size = 0;
    std::string sha256;  ///< hex
    bool operator==(const FileFact&) const = default;
};

class Beneath {
  public:
    static Result<Beneath> open(const std::filesystem::path& folder);
    /// A regular file, to be read. `refused` where it is none, or a link is on the way.
    [[nodiscard]] Result<files::FileDescriptor> read(const std::string& path) const;
    /// What it holds, read to its end.
    [[nodiscard]] Result<FileFact> look(const std::string& path) const;
    /// The same, with all of it written to `target`, which must not be there: 0600, and on the disk.
    [[nodiscard]] Result<FileFact> copy(const std::string& path, const std::filesystem::path& target) const;

  private:
    Beneath(std::filesystem::path folder, files::FileDescriptor descriptor)
        : folder_(std::move(folder)), descriptor_(std::move(descriptor)) {}
    std::filesystem::path folder_;
    files::FileDescriptor descriptor_;
};

/// Everything that was written to this folder's file system so far, and its names, is on the disk.
Result<> flush_to_disk(const std::filesystem::path& folder);

/// True for a path that Beneath takes: relative, in plain steps, of printable characters.
bool is_plain_path(const std::string& path);

}  // namespace assay::setup
