#pragma once

#include <filesystem>
#include <string>

#include <sys/types.h>

#include "evidence/base/bytes.h"
#include "evidence/base/result.h"
#include "files/file_descriptor.h"

namespace assay::files {

/// A file that is made in the folder of its target under a name that nobody can foresee, and takes the
/// target's place when it is whole. It is never an existing file, a link or a device (O_EXCL, O_NOFOLLOW).
/// What was not put into its place is removed again.
class NewFile {
  public:
    /// `mode` as for open(2): less what the umask takes. `refused` where the folder may not be written to.
    static Result<NewFile> beside(const std::filesystem::path& target, mode_t mode);
    NewFile(NewFile&& other) noexcept = default;
    NewFile& operator=(NewFile&&) = delete;
    NewFile(const NewFile&) = delete;
    NewFile& operator=(const NewFile&) = delete;
    ~NewFile();

    /// For `belongs_to`: the owner or group that it was made with.
    static constexpr auto kAsMade = static_cast<uid_t>(-1);
    /// Owner, group and exactly this mode. `refused` where the system does not allow to give it away.
    Result<> belongs_to(uid_t owner, gid_t group, mode_t mode);
    /// Writes `content`; with `synced` it and its name are on the disk when it has its place.
    Result<> fill(ByteView content, bool synced = true);
    /// Takes the target's place in one step, whatever is there: a link is replaced, not followed.
    Result<> replace();
    /// The same where nothing is there; `conflict` where something is.
    Result<> appear();

  private:
    NewFile(std::filesystem::path target, FileDescriptor folder, FileDescriptor file, std::string name)
        : target_(std::move(target)),
          folder_(std::move(folder)),
          file_(std::move(file)),
          name_(std::move(name)) {}
    Result<> sync_folder();

    std::filesystem::path target_;
    FileDescriptor folder_, file_;
    bool synced_ = true;
    std::string name_;  // in the folder; empty once it has its target's
};

/// `conflict`: `target` is there, and is not overwritten.
std::unexpected<Error> already_there(const std::filesystem::path& target);

/// All of `content` to a descriptor. `what` is named in the error.
Result<> write_all(int fd, ByteView content, const std::filesystem::path& what);

}  // namespace assay::files
