#include "verifier/service/store/columns.h"
#include "verifier/service/store/engine/database.h"
#include "verifier/service/store/hosts/read_labels.h"
#include "verifier/service/store/store.h"

namespace assay::store {
namespace {

Result<> is_enrolled(soci::session& sql, const std::string& host) {
    std::int64_t there = 0;
    sql << "SELECT COUNT(*) FROM hosts WHERE name = :name", soci::use(host), soci::into(there);
    if (there == 0) return fail(ErrorCode::not_found, "no host of this name is enrolled");
    return {};
}

}  // namespace

Labels labels_of(soci::session& sql, const std::string& host) {
    Labels out;
    std::string name;
    std::string value;
    soci::statement statement =
        (sql.prepare << "SELECT name, value FROM host_labels WHERE host = :host UNION "
                        "SELECT 'site', r.site FROM registrations r WHERE r.host = "
                        ":same AND r.site <> '' AND NOT EXISTS (SELECT 1 FROM "
                        "host_labels l WHERE l.host = r.host AND l.name = 'site')",
         soci::use(host), soci::use(host), soci::into(name), soci::into(value));
    statement.execute();
    while (statement.fetch()) out[name] = value;
    return out;
}

std::map<std::string, Labels> labels_of_all(soci::session& sql) {
    std::map<std::string, Labels> out;
    std::string host;
    std::string name;
    std::string value;
    soci::statement statement =
        (sql.prepare
             << "SELECT host, name, value FROM host_labels UNION SELECT r.host, 'site', r.site FROM "
                "registrations r WHERE r.site <> '' AND NOT EXISTS (SELECT 1 FROM host_labels l WHERE "
                "l.host = r.host AND l.name = 'site')",
         soci::into(host), soci::into(name), soci::into(value));
    statement.execute();
    while (statement.fetch()) out[host][name] = value;
    return out;
}

Result<> Store::set_labels(const std::string& host, const HostLabels& labels) {
    return database_->write([&](soci::session& sql) -> Result<> {
        if (!hold_host(sql, host)) return fail(ErrorCode::not_found, "no host of this name is enrolled");
        sql << "DELETE FROM host_labels WHERE host = :host", soci::use(host);
        for (const auto& [name, value] : labels.labels) {
            sql << "INSERT INTO host_labels (host, name, value, set_by, set_at) VALUES (:host, :name, "
                   ":value, "
                   ":by, :at)",
                soci::use(host), soci::use(name), soci::use(value), soci::use(labels.set_by),
                soci::use(labels.set_at);
        }
        return {};
    });
}

Result<HostLabels> Store::labels(const std::string& host) {
    return database_->read([&](soci::session& sql) -> Result<HostLabels> {
        TRY_VOID(is_enrolled(sql, host));
        HostLabels out;
        std::string name;
        std::string value;
        soci::statement statement =
            (sql.prepare << "SELECT name, value, set_by, set_at FROM host_labels WHERE host = :host",
             soci::use(host), soci::into(name), soci::into(value), soci::into(out.set_by),
             soci::into(out.set_at));
        statement.execute();
        while (statement.fetch()) out.labels[name] = value;
        return out;
    });
}

}  // namespace assay::store
