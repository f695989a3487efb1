#include "verifier/service/store/migrations.h"

#include <array>
#include <string>
#include <vector>

#include <fmt/core.h>

#include "evidence/base/text.h"
#include "verifier/service/store/engine/query.h"

namespace assay::store {
namespace {

constexpr Result<> (*step_of(std::string_view name))(soci::session&) {
    if (name == "0015_conclusions") return &move_attestations;
    if (name == "0018_open_matters") return &move_open_matters;
    return name == "0019_acts" ? &begin_acts : nullptr;
}

// Written by CMake from migrations/*.sql: one MIGRATION(name, R"sql(...)sql") a file.
#define MIGRATION(name, sql) Migration{name, sql, step_of(name)},
constexpr std::array kMigrations{
#include "migrations.inc"
};
#undef MIGRATION

/// No function of PostgreSQL or SQLite has this number; it only has to be the same in every copy.
constexpr std::string_view kLock = "SELECT CAST(pg_advisory_xact_lock(4702111234474983745) AS TEXT)";

std::string without_comments(std::string_view sql) {
    std::string out;
    while (!sql.empty()) {
        const auto end = std::min(sql.find('\n'), sql.size());
        const auto line = trimmed(sql.substr(0, end));
        if (!line.empty() && !line.starts_with("--")) out.append(line).append("\n");
        sql.remove_prefix(std::min(end + 1, sql.size()));
    }
    return out;
}

std::vector<std::string> statements(std::string_view sql, Engine engine) {
    auto text = without_comments(sql);
    constexpr std::string_view kPlaceholder = "{bytes}";
    const std::string_view type = engine == Engine::sqlite ? "BLOB" : "BYTEA";
    for (auto at = text.find(kPlaceholder); at != std::string::npos; at = text.find(kPlaceholder, at)) {
        text.replace(at, kPlaceholder.size(), type);
    }
    std::vector<std::string> out;
    for (std::size_t start = 0; start < text.size();) {
        const auto end = std::min(text.find(";\n", start), text.size());
        out.push_back(text.substr(start, end - start));
        start = end + 2;
    }
    return out;
}

std::int64_t version_in(soci::session& sql) {
    sql << "CREATE TABLE IF NOT EXISTS meta (key TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL)";
    std::string version = "0";
    Query(sql, "SELECT value FROM meta WHERE key = 'schema_version'").one(version);
    return std::stoll(version);
}

}  // namespace

std::span<const Migration> all_migrations() {
    return kMigrations;
}

Result<> migrate(Database& database, std::span<const Migration> migrations) {
    return database.write([&](soci::session& sql) -> Result<> {
        std::string ignored;
        if (database.engine() == Engine::postgresql) Query(sql, std::string(kLock)).one(ignored);
        const auto found = version_in(sql);
        const auto wanted = static_cast<std::int64_t>(migrations.size());
        if (found == wanted) return {};
        if (found > wanted || found < 0) {
            return fail(ErrorCode::unsupported,
                        fmt::format("the database has schema version {}, this program knows {}: use the "
                                    "version of Assay that made it, or a newer one",
                                    found, wanted));
        }
        for (const auto& migration : migrations.subspan(static_cast<std::size_t>(found))) {
            for (const auto& statement : statements(migration.sql, database.engine())) sql << statement;
            if (migration.step == nullptr) continue;
            TRY_VOID(with_context(migration.step(sql), migration.name));
        }
        const auto version = std::to_string(wanted);
        sql << "DELETE FROM meta WHERE key = 'schema_version'";
        execute(sql, "INSERT INTO meta (key, value) VALUES ('schema_version', :version)", version);
        return {};
    });
}

Result<std::int64_t> schema_version(Database& database) {
    return database.write(version_in);
}

}  // namespace assay::store
