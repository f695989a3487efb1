#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "evidence/base/result.h"

/// A SQLite database as a whole: copied while others write to it, and looked at without changing it.
namespace assay::store {

/// The database as it is at one moment, by SQLite's online backup. Who writes meanwhile waits for nothing,
/// and is in the copy wholly or not at all. `to` becomes one file without a log beside it; what was there is
/// overwritten. `io` with SQLite's reason.
Result<> copy_sqlite(const std::filesystem::path& from, const std::filesystem::path& to);

struct SqliteFacts {
    std::optional<std::int64_t> schema_version;  ///< nothing: it is no verifier's database
    std::string damage;                          ///< what SQLite's integrity check says first; empty: sound
};
/// Whose file it is: nobody's but ours, so that no lock and no log is made beside it; or in use.
enum class SqliteUse : std::uint8_t { ours_alone, shared };
/// Reads the whole file where `whole`, else the schema's version alone. Nothing is migrated. `io` with
/// SQLite's reason where the file cannot be read as a database at all.
Result<SqliteFacts> look_at_sqlite(const std::filesystem::path& file, SqliteUse use, bool whole);

}  // namespace assay::store
