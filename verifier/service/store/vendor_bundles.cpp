#include "verifier/service/store/vendor_bundles.h"

#include "evidence/codec/json_writer.h"
#include "verifier/service/store/acts/act.h"
#include "verifier/service/store/engine/database.h"
#include "verifier/service/store/engine/query.h"

namespace assay::store {

Result<std::optional<LoadedBundle>> VendorBundles::newest() {
    return database_.read([&](soci::session& sql) {
        return Query(sql,
                     "SELECT version, digest, loaded_at FROM vendor_bundles ORDER BY version DESC LIMIT 1")
            .first<LoadedBundle>([](auto& row) { return std::tie(row.version, row.digest, row.loaded_at); });
    });
}

Result<> VendorBundles::add(const LoadedBundle& bundle) {
    return database_.write([&](soci::session& sql) -> Result<> {
        const auto added = execute(
            sql,
            "INSERT INTO vendor_bundles (version, digest, loaded_at) VALUES (:version, :digest, :at) ON "
            "CONFLICT DO NOTHING",
            bundle.version, bundle.digest, bundle.loaded_at);
        std::string digest;
        Query(sql, "SELECT digest FROM vendor_bundles WHERE version = :version", bundle.version).one(digest);
        if (digest != bundle.digest)
            return fail(ErrorCode::conflict,
                        "vendor bundle: this version was loaded before with another content");
        constexpr std::int64_t kSecond_ms = 1000;
        if (added == 1)
            write_act(sql,
                      {.kind = ActKind::vendors_installed,
                       .hand = "verifier",
                       .subject = "vendors",
                       .object = bundle.digest,
                       .document = Json{{"version", bundle.version}}.dump()},
                      bundle.loaded_at * kSecond_ms);
        return {};
    });
}

}  // namespace assay::store
