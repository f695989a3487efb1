#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "evidence/base/result.h"
#include "files/file_descriptor.h"

/// Files of state that nobody but their owner reads, whatever the umask was when they were made.
namespace assay::files {

/// A new file, 0600, to be written to; `conflict` where anything is there already, also a link.
Result<FileDescriptor> create_private(const std::filesystem::path& file);

/// An empty file, 0600, where there is none; what is there stays as it is.
Result<> make_private(const std::filesystem::path& file);

/// Takes from group and others what they may do with a regular file that is there: true where they could do
/// anything. A link is not followed. `refused` where the file is another user's.
Result<bool> narrow(const std::filesystem::path& file);

/// The same for several; a text for the log of each that was wide, or that stays so since it is another
/// user's.
std::vector<std::string> narrow_all(const std::vector<std::filesystem::path>& files);

}  // namespace assay::files
