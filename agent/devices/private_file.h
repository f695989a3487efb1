#pragma once

#include <filesystem>
#include <string>

#include "evidence/base/bytes.h"
#include "evidence/base/result.h"

namespace assay::agent {

/// A regular file of at most `limit` bytes. `not_found`, `refused` with the remedy, `limit` or `io`.
Result<std::string> read_small_file(const std::filesystem::path& file, std::size_t limit);

/// The rest of an open file. `name`: printable, for messages. `limit` where it is more than so many bytes.
Result<std::string> read_open_file(int fd, const std::string& name, std::size_t limit);

/// Replaces `file` as a whole, readable by its owner alone (0600): after a crash it is the old one or the new
/// one. Makes its folder (0700) where it is missing. Not `synced` it may be lost, or empty, after a crash of
/// the machine itself.
Result<void> write_private_file(const std::filesystem::path& file, ByteView content, bool synced = true);

}  // namespace assay::agent
