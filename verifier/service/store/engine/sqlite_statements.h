#pragma once

#include <cstddef>
#include <string>

#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

namespace assay::store {

/// Statements that one session keeps for when their text comes again.
inline constexpr std::size_t kKeptStatements = 256;

/// Opens SOCI's session on SQLite with one difference: a statement that was prepared is kept, since parsing
/// and planning cost more than running most of ours. Gives the connection, which is the session's. Throws.
sqlite_api::sqlite3* open_with_kept_statements(soci::session& session, const std::string& parameters);

}  // namespace assay::store
