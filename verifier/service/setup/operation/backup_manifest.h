#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "evidence/base/result.h"
#include "verifier/service/setup/operation/beneath.h"

/// What a backup holds: manifest.json beside the folder `state`. docs/formats/backup.md.
namespace assay::setup {

inline constexpr std::string_view kManifestFile = "manifest.json";
inline constexpr std::string_view kBackupState = "state";
inline constexpr std::string_view kDatabaseFile = "assay.db";

struct BackupManifest {
    std::string made_at;                         ///< RFC 3339
    std::string build;                           ///< "assay 0.1.0"
    std::string state;                           ///< the folder that it was made of
    std::string engine;                          ///< "sqlite", or "postgresql": then no database is in it
    std::optional<std::int64_t> schema_version;  ///< of the database that is in it
    std::string dump;  ///< without a database: the command that copies it; else empty
    std::vector<std::string>
        outside;  ///< "policy: /etc/x.toml": what verifier.toml names elsewhere, not in it
    std::vector<std::string> folders;
    std::vector<FileFact> files;
};

std::string encode_manifest(const BackupManifest& manifest);
/// `malformed` with the place where it is none; `unsupported` for one of a newer version. Paths are plain
/// (is_plain_path), each there once.
Result<BackupManifest> manifest_from(std::string_view text);

}  // namespace assay::setup
