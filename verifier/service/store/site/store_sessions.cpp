#include "verifier/service/store/columns.h"
#include "verifier/service/store/engine/database.h"
#include "verifier/service/store/engine/select.h"
#include "verifier/service/store/site/write_site.h"
#include "verifier/service/store/store.h"

namespace assay::store {
namespace {

constexpr const char* kSelect =
    "SELECT id, host, work_order, technician, escort, opened_at, closed_at FROM sessions";

struct Row {
    WorkSession session;
    std::int64_t closed_at = 0;

    [[nodiscard]] WorkSession take() const {
        auto out = session;
        if (closed_at != 0) out.closed_at = closed_at;
        return out;
    }
};

Result<WorkSession> one(soci::session& sql, const std::string& id) {
    Row row;
    sql << std::string(kSelect) + " WHERE id = :id", soci::use(id), soci::into(row.session.id),
        soci::into(row.session.host), soci::into(row.session.order), soci::into(row.session.technician),
        soci::into(row.session.escort), soci::into(row.session.opened_at), soci::into(row.closed_at);
    if (!sql.got_data()) return fail(ErrorCode::not_found, "no such session");
    return row.take();
}

}  // namespace

Result<> Store::add_session(const WorkSession& session, const std::string& opened_by) {
    return database_->write([&](soci::session& sql) -> Result<> {
        hold_host(sql, session.host);
        const auto rows = rows_changed(
            sql,
            "INSERT INTO sessions (id, host, work_order, technician, escort, opened_by, opened_at, "
            "closed_by, closed_at) VALUES (:id, :host, :work_order, :technician, :escort, :opened_by, "
            ":opened_at, '', 0) ON CONFLICT DO NOTHING",
            soci::use(session.id), soci::use(session.host), soci::use(session.order),
            soci::use(session.technician), soci::use(session.escort), soci::use(opened_by),
            soci::use(session.opened_at));
        if (rows != 1) return fail(ErrorCode::conflict, "a session with this id is there already");
        return {};
    });
}

Result<WorkSession> Store::session(const std::string& id) {
    return database_->read([&](soci::session& sql) { return one(sql, id); });
}

Result<std::vector<WorkSession>> Store::sessions(const SessionQuery& query) {
    return database_->read([&](soci::session& sql) -> Result<std::vector<WorkSession>> {
        Select select(kSelect);
        select.where_if("host = :host", query.host);
        if (query.open_only) select.where("closed_at = 0");
        select.order_by("opened_at DESC, id").limit(query.limit);
        Row row;
        auto statement = select.prepare(sql, soci::into(row.session.id), soci::into(row.session.host),
                                        soci::into(row.session.order), soci::into(row.session.technician),
                                        soci::into(row.session.escort), soci::into(row.session.opened_at),
                                        soci::into(row.closed_at));
        statement.execute();
        std::vector<WorkSession> all;
        while (statement.fetch()) all.push_back(row.take());
        return all;
    });
}

Written<WorkSession> Store::close_session(const std::string& id, const std::string& closed_by,
                                          std::int64_t now, const std::vector<SiteDocument>& documents) {
    return database_->write([&](soci::session& sql) -> Written<WorkSession> {
        const auto rows = rows_changed(sql,
                                       "UPDATE sessions SET closed_at = :now, closed_by = :closed_by "
                                       "WHERE id = :id AND closed_at = 0",
                                       soci::use(now), soci::use(closed_by), soci::use(id));
        auto session = TRY(one(sql, id));
        hold_host(sql, session.host);
        if (rows != 1) return fail(ErrorCode::conflict, "the session is closed already");
        TRY_VOID(write_site(sql, documents));
        return session;
    });
}

}  // namespace assay::store
