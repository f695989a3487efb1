#include "verifier/service/store/engine/sqlite_copy.h"

#include <charconv>
#include <memory>

#include <fmt/core.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include "evidence/base/text.h"

namespace assay::store {
namespace {

namespace api = sqlite_api;

struct CloseConnection {
    void operator()(api::sqlite3* connection) const { api::sqlite3_close(connection); }
};
using Connection = std::unique_ptr<api::sqlite3, CloseConnection>;
struct EndStatement {
    void operator()(api::sqlite3_stmt* statement) const { api::sqlite3_finalize(statement); }
};
using OneStatement = std::unique_ptr<api::sqlite3_stmt, EndStatement>;

std::unexpected<Error> failed(api::sqlite3* connection, std::string_view doing,
                              const std::filesystem::path& file) {
    return fail(ErrorCode::io, fmt::format("{} {}: {}", doing, printable(file.string()),
                                           printable(api::sqlite3_errmsg(connection))));
}

// In a URI these three have a meaning of their own.
std::string uri_of(const std::filesystem::path& file, std::string_view query) {
    std::string out = "file:";
    for (const char each : std::filesystem::absolute(file).string()) {
        if (each == '?' || each == '#' || each == '%')
            out += fmt::format("%{:02x}", static_cast<unsigned char>(each));
        else
            out += each;
    }
    return out.append("?").append(query);
}

Result<Connection> opened(const std::filesystem::path& file, int flags, std::string_view query) {
    constexpr int kWait_ms = 10'000;
    api::sqlite3* raw = nullptr;
    const auto uri = uri_of(file, query);
    const int status = api::sqlite3_open_v2(uri.c_str(), &raw, flags | SQLITE_OPEN_URI, nullptr);
    Connection connection(raw);
    if (status != SQLITE_OK) return failed(raw, "opening", file);
    api::sqlite3_busy_timeout(raw, kWait_ms);
    return connection;
}

/// The first column of the first row; nothing where there is no row.
Result<std::optional<std::string>> first(api::sqlite3* connection, const char* query,
                                         const std::filesystem::path& file) {
    api::sqlite3_stmt* raw = nullptr;
    if (api::sqlite3_prepare_v2(connection, query, -1, &raw, nullptr) != SQLITE_OK)
        return failed(connection, "reading", file);
    const OneStatement statement(raw);
    const int status = api::sqlite3_step(raw);
    if (status == SQLITE_DONE) return std::nullopt;
    if (status != SQLITE_ROW) return failed(connection, "reading", file);
    const auto* text = api::sqlite3_column_text(raw, 0);
    const auto size = static_cast<std::size_t>(api::sqlite3_column_bytes(raw, 0));
    if (text == nullptr) return std::string();
    return std::string(reinterpret_cast<const char*>(text), size);  // NOLINT: unsigned char to char
}

}  // namespace

Result<> copy_sqlite(const std::filesystem::path& from, const std::filesystem::path& to) {
    constexpr int kPages = 4096;  // of a step
    const auto source = TRY(opened(from, SQLITE_OPEN_READONLY, ""));
    const auto target = TRY(opened(to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, ""));
    // From here on the source is read as it is now; without that a write would make the copy begin anew.
    TRY_VOID(first(source.get(), "BEGIN", from));
    TRY_VOID(first(source.get(), "SELECT count(*) FROM sqlite_master", from));
    auto* backup = api::sqlite3_backup_init(target.get(), "main", source.get(), "main");
    if (backup == nullptr) return failed(target.get(), "writing", to);
    int status = SQLITE_OK;
    while (status == SQLITE_OK) status = api::sqlite3_backup_step(backup, kPages);
    const int finished = api::sqlite3_backup_finish(backup);
    if (status != SQLITE_DONE || finished != SQLITE_OK) return failed(target.get(), "writing", to);
    TRY_VOID(first(source.get(), "COMMIT", from));
    // The copy has the mark of a write-ahead log; without it it is one file.
    const auto mode = TRY(first(target.get(), "PRAGMA journal_mode = DELETE", to));
    if (mode != "delete") return failed(target.get(), "writing", to);
    return {};
}

Result<SqliteFacts> look_at_sqlite(const std::filesystem::path& file, SqliteUse use, bool whole) {
    const auto connection =
        TRY(opened(file, SQLITE_OPEN_READONLY, use == SqliteUse::ours_alone ? "immutable=1" : ""));
    SqliteFacts out;
    const auto tables = TRY(first(
        connection.get(), "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'meta'", file));
    if (tables == "1") {
        const auto text =
            TRY(first(connection.get(), "SELECT value FROM meta WHERE key = 'schema_version'", file));
        std::int64_t version = 0;
        if (text && std::from_chars(text->data(), text->data() + text->size(), version).ec == std::errc{})
            out.schema_version = version;
    }
    if (!whole) return out;
    const auto said = TRY(first(connection.get(), "PRAGMA integrity_check(1)", file));
    if (said != "ok") out.damage = printable(said.value_or("no answer"));
    return out;
}

}  // namespace assay::store
