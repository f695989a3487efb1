#pragma once

#include <span>
#include <string_view>

#include "evidence/base/result.h"
#include "verifier/service/store/engine/database.h"

namespace assay::store {

struct Migration {
    std::string_view name;  ///< "0001_initial"
    std::string_view sql;   ///< statements that end with ";\n"; {bytes} stands for the engine's type of bytes
    Result<> (*step)(soci::session&) = nullptr;  ///< what is done behind them
};

/// The files of verifier/service/store/migrations, in their order; the schema version is how many were
/// applied.
std::span<const Migration> all_migrations();

/// Brings the schema up to `migrations`, all or nothing; several processes may try at once. `unsupported` for
/// a schema with more.
Result<> migrate(Database& database, std::span<const Migration> migrations);

/// The part of migration 0015 that SQL cannot say: each attestation of the tables that end in _before becomes
/// a conclusion and an occasion, under the id that it had; then those tables go. In the caller's transaction.
/// `internal` for a result that is not the one of its id: then nothing may be changed. Throws.
Result<> move_attestations(soci::session& sql);

/// The part of migration 0018 that SQL cannot say: a device that is still in a host, and whose coming was a
/// finding, is open from then on. In the caller's transaction. Throws.
Result<> move_open_matters(soci::session& sql);

/// The part of migration 0019 that SQL cannot say: the act that begins the chain. In the caller's
/// transaction. Throws.
Result<> begin_acts(soci::session& sql);

/// 0 for an empty database.
Result<std::int64_t> schema_version(Database& database);

}  // namespace assay::store
