#include "verifier/service/store/engine/sqlite_session.h"

#include <span>
#include <stdexcept>
#include <string_view>

#include "evidence/base/hex.h"
#include "verifier/service/store/engine/sqlite_statements.h"

namespace assay::store {
namespace {

namespace sql = sqlite_api;

// SQLITE_TRANSIENT casts an integer to a function pointer; this is the same value without the C cast in our
// code. NOLINTNEXTLINE(performance-no-int-to-ptr,cppcoreguidelines-pro-type-reinterpret-cast)
const auto kCopyIt = reinterpret_cast<sql::sqlite3_destructor_type>(-1);

std::string_view text_of(sql::sqlite3_value* value) {
    const auto* data = sql::sqlite3_value_text(value);
    if (data == nullptr) return {};
    return {reinterpret_cast<const char*>(data),  // NOLINT: unsigned char to char
            static_cast<std::size_t>(sql::sqlite3_value_bytes(value))};
}

bool says_hex(sql::sqlite3_context* context, sql::sqlite3_value* value) {
    if (text_of(value) == "hex") return true;
    sql::sqlite3_result_error(context, "only 'hex' is known", -1);
    return false;
}

void decode(sql::sqlite3_context* context, int count, sql::sqlite3_value** values) noexcept {
    const std::span arguments(values, static_cast<std::size_t>(count));
    if (!says_hex(context, arguments[1])) return;
    const auto text = text_of(arguments[0]);
    const auto bytes = from_hex(text, text.size());
    if (!bytes) return sql::sqlite3_result_error(context, "not hexadecimal", -1);
    if (bytes->empty()) return sql::sqlite3_result_zeroblob(context, 0);
    sql::sqlite3_result_blob64(context, bytes->data(), bytes->size(), kCopyIt);
}

void encode(sql::sqlite3_context* context, int count, sql::sqlite3_value** values) noexcept {
    const std::span arguments(values, static_cast<std::size_t>(count));
    if (!says_hex(context, arguments[1])) return;
    const auto* data = static_cast<const std::byte*>(sql::sqlite3_value_blob(arguments[0]));
    const auto size = static_cast<std::size_t>(sql::sqlite3_value_bytes(arguments[0]));
    const auto hex = to_hex(ByteView(data, size));
    sql::sqlite3_result_text64(context, hex.data(), hex.size(), kCopyIt, SQLITE_UTF8);
}

void add_function(sql::sqlite3* connection, const char* name,
                  void (*function)(sql::sqlite3_context*, int, sql::sqlite3_value**)) {
    const int status =
        sql::sqlite3_create_function_v2(connection, name, 2, SQLITE_UTF8 | SQLITE_DETERMINISTIC, nullptr,
                                        function, nullptr, nullptr, nullptr);
    if (status != SQLITE_OK) throw std::runtime_error("sqlite3_create_function_v2 failed");
}

}  // namespace

void open_sqlite(soci::session& session, const std::string& file) {
    if (file.find('"') != std::string::npos) throw std::runtime_error("a quotation mark in the file's name");
    auto* connection = open_with_kept_statements(session, "timeout=10 dbname=\"" + file + "\"");
    add_function(connection, "decode", decode);
    add_function(connection, "encode", encode);
    std::string mode;
    session << "PRAGMA journal_mode = WAL", soci::into(mode);
    if (mode != "wal") throw std::runtime_error("SQLite cannot use a write-ahead log on this file system");
    session << "PRAGMA synchronous = FULL";
    session << "PRAGMA foreign_keys = ON";
}

}  // namespace assay::store
