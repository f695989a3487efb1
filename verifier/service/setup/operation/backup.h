#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "client/command_line/command_line.h"
#include "verifier/service/setup/operation/backup_manifest.h"
#include "verifier/service/setup/state_folder.h"

/// `assay-verifier backup` and `restore`. docs/formats/backup.md.
namespace assay::setup {

/// The whole state as it is, also while the verifier serves, in the new folder `out` (0700, files 0600),
/// which appears when it is whole and never before. A database of PostgreSQL is not in it:
/// BackupManifest::dump says the command. `conflict` where `out` is there; `refused` where the state holds a
/// link, or `out` lies in it. `now`: Unix time, seconds.
Result<BackupManifest> make_backup(const StateFolder& state, const std::filesystem::path& out,
                                   std::int64_t now);

/// Puts a backup into a state folder that is not there, or empty, after all of it was verified by the
/// manifest's digests; once more while it is copied. Where it fails nothing is left. `refused` for what is
/// not as the manifest says; `unsupported` for a database of a newer version; `conflict` for a folder that
/// holds something.
Result<BackupManifest> restore_backup(const std::filesystem::path& from, const StateFolder& state);

/// Both, with what they say. `warning` where the database is not in the backup.
Result<command_line::ExitCode> backup(const StateFolder& state, const std::filesystem::path& out, bool json,
                                      std::int64_t now);
/// `reason`: for the act that the database was set back (docs/formats/acts.md); empty writes none.
Result<command_line::ExitCode> restore(const std::filesystem::path& from, const StateFolder& state,
                                       const std::string& reason, bool json, std::int64_t now);

/// For a shell: `pg_dump` of this database into that file. Without the password, which others could see.
std::string dump_command(const std::string& connection, const std::filesystem::path& file);

}  // namespace assay::setup
