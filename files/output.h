#pragma once

#include <filesystem>
#include <string_view>

#include <sys/types.h>

#include "evidence/base/bytes.h"
#include "evidence/base/result.h"

/// How the programs write files: those that a user names, and those of their own state.
namespace assay::files {

/// The name that stands for standard output.
inline constexpr std::string_view kStdout = "-";

/// Whether what is written goes to standard output: then nothing else may be said there.
inline bool is_stdout(const std::filesystem::path& target) {
    return target == kStdout;
}

/// What a file that a user names may become.
struct OutputRules {
    bool keeps_existing = false;  ///< `conflict` where a regular file is there already
    mode_t mode = 0666;           ///< of a new file, less the umask
    bool synced = true;           ///< on the disk before it counts; not needed for one of thousands
};

/// To a file that a user names.
/// - `-` is standard output.
/// - A regular file is replaced in one step and keeps owner, group and mode. Where that cannot be (its folder
///   is closed, or it is another user's), it is written to in place.
/// - A device, a pipe and what a link leads to is opened and written to; it is never replaced, and a link to
///   nothing is refused.
/// `refused` for what somebody else put into a folder that all may write to, as the kernel does where
/// fs.protected_symlinks and fs.protected_regular are set.
Result<> write_output(const std::filesystem::path& target, ByteView content, OutputRules rules = {});

/// How a file of a program's own state is written.
struct StateRules {
    mode_t mode = 0600;  ///< exactly
    bool synced = true;  ///< after a crash of the machine, too, it is the old one or the new one
};

/// A file of a program's own state, replaced in one step. A link there is replaced and not followed. Written
/// by root it belongs to whom the file belonged to before, or else the folder, so that the service can read
/// what an administrator wrote.
Result<> replace_file(const std::filesystem::path& file, ByteView content, StateRules rules = {});

/// `refused` where somebody else put `there` into a folder that all may write to: whoever did decides where
/// we write, and who reads it.
Result<> was_not_planted(const std::filesystem::path& there);

/// To standard output. `io` with the reason.
Result<> write_stdout(std::string_view text);

}  // namespace assay::files
