#include "verifier/service/store/store.h"

#include <array>

#include <openssl/rand.h>

#include "evidence/base/hex.h"
#include "verifier/service/store/acts/act.h"
#include "verifier/service/store/columns.h"
#include "verifier/service/store/engine/database.h"
#include "verifier/service/store/engine/query.h"
#include "verifier/service/store/hosts/known_hosts.h"
#include "verifier/service/store/migrations.h"

namespace assay::store {

Store::Store(std::unique_ptr<Database> database)
    : database_(std::move(database)),
      known_hosts_(std::make_unique<KnownHosts>()),
      recent_head_(std::make_unique<RecentHead>()) {}
Store::~Store() = default;

Result<std::unique_ptr<Store>> Store::open(const std::string& connection) {
    auto database = TRY(Database::open(connection));
    TRY_VOID(migrate(*database, all_migrations()));
    return std::unique_ptr<Store>(new Store(std::move(database)));
}

Result<> Store::check() {
    return database_->read([](soci::session& sql) -> Result<> {
        std::string version;
        if (!Query(sql, "SELECT value FROM meta WHERE key = 'schema_version'").one(version))
            return fail(ErrorCode::internal, "database: no schema version");
        return {};
    });
}

Result<Bytes> Store::shared_key() {
    constexpr std::size_t kKeySize = 32;
    std::array<std::byte, kKeySize> fresh{};
    if (RAND_bytes(as_writable_uchar(fresh), static_cast<int>(fresh.size())) != 1) {
        return fail(ErrorCode::crypto, "no random bytes");
    }
    const auto made = to_hex(fresh);
    const auto hex = TRY(database_->write([&](soci::session& sql) {
        execute(sql, "INSERT INTO meta (key, value) VALUES ('shared_key', :key) ON CONFLICT DO NOTHING",
                made);
        std::string stored;
        Query(sql, "SELECT value FROM meta WHERE key = 'shared_key'").one(stored);
        return stored;
    }));
    auto key = TRY(bytes_from_column(hex));
    if (key.size() != kKeySize) return fail(ErrorCode::internal, "database: the shared key has another size");
    return key;
}

}  // namespace assay::store
