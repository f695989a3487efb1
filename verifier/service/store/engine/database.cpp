#include "verifier/service/store/engine/database.h"

#include <string_view>

#include <fmt/core.h>

#include "evidence/base/text.h"
#include "files/private.h"

namespace assay::store {
namespace {

constexpr std::string_view kSqlitePrefix = "sqlite:";
constexpr std::string_view kPostgresqlPrefix = "postgresql://";
constexpr std::size_t kReaders = 4;
constexpr std::size_t kPostgresqlWriters = 4;

}  // namespace

Database::Database(Engine engine, const std::string& target)
    : engine_(engine),
      writers_(engine, target, engine == Engine::sqlite ? 1 : kPostgresqlWriters),
      readers_(engine, target, kReaders),
      // A deferred transaction of SQLite could fail when it first writes; this one waits its turn here.
      group_(writers_, "BEGIN IMMEDIATE", {}) {}

Result<> Database::write_one(const GroupCommit::Body& body) {
    if (engine_ == Engine::sqlite) return group_.write(body);
    // PostgreSQL has several writers, and flushes what they commit together by itself.
    return on_lease<Result<>>(writers_, [&](soci::session& sql) -> Result<> {
        sql << "BEGIN";
        end_transaction(sql, body(sql));
        return {};
    });
}

Result<std::unique_ptr<Database>> Database::open(const std::string& connection) {
    if (connection.starts_with(kSqlitePrefix) && connection.size() > kSqlitePrefix.size()) {
        const auto file = connection.substr(kSqlitePrefix.size());
        // SQLite makes its log and its index with the mode that the database has.
        TRY_VOID(with_context(files::make_private(file), "database"));
        return std::unique_ptr<Database>(new Database(Engine::sqlite, file));
    }
    if (connection.starts_with(kPostgresqlPrefix)) {
        return std::unique_ptr<Database>(new Database(Engine::postgresql, connection));
    }
    return fail(ErrorCode::usage,
                fmt::format("database: expected sqlite:FILE or postgresql://..., got \"{}\"",
                            printable(shortened(connection, 64))));
}

}  // namespace assay::store
