#include "verifier/service/store/columns.h"
#include "verifier/service/store/engine/database.h"
#include "verifier/service/store/store.h"

namespace assay::store {

Result<std::optional<LoadedBundle>> Store::newest_vendor_bundle() {
    return database_->read([&](soci::session& sql) -> Result<std::optional<LoadedBundle>> {
        LoadedBundle out;
        sql << "SELECT version, digest, loaded_at FROM vendor_bundles ORDER BY version DESC LIMIT 1",
            soci::into(out.version), soci::into(out.digest), soci::into(out.loaded_at);
        if (!sql.got_data()) return std::nullopt;
        return out;
    });
}

Result<> Store::add_vendor_bundle(const LoadedBundle& bundle) {
    return database_->write([&](soci::session& sql) -> Result<> {
        sql << "INSERT INTO vendor_bundles (version, digest, loaded_at) VALUES (:version, :digest, :at) ON "
               "CONFLICT "
               "DO NOTHING",
            soci::use(bundle.version), soci::use(bundle.digest), soci::use(bundle.loaded_at);
        std::string digest;
        sql << "SELECT digest FROM vendor_bundles WHERE version = :version", soci::use(bundle.version),
            soci::into(digest);
        if (digest != bundle.digest)
            return fail(ErrorCode::conflict,
                        "vendor bundle: this version was loaded before with another content");
        return {};
    });
}

}  // namespace assay::store
