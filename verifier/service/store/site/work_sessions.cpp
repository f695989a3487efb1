#include "verifier/service/store/columns.h"
#include "verifier/service/store/engine/database.h"
#include "verifier/service/store/engine/select.h"
#include "verifier/service/store/site/site.h"
#include "verifier/service/store/site/write_site.h"

namespace assay::store {
namespace {

/// `select`: with the columns of kSelectSession.
std::vector<WorkSession> sessions_in(soci::session& sql, Select& select) {
    WorkSession row;
    std::int64_t closed_at = 0;
    std::vector<WorkSession> out;
    const auto add = [&] {
        row.closed_at = closed_at != 0 ? std::optional(closed_at) : std::nullopt;
        out.push_back(row);
    };
    select.on(sql).each(add, row.id, row.host, row.order, row.technician, row.escort, row.opened_at,
                        closed_at);
    return out;
}

constexpr const char* kSelectSession =
    "SELECT id, host, work_order, technician, escort, opened_at, closed_at FROM sessions";

Result<WorkSession> session_of(soci::session& sql, const std::string& id) {
    Select select(kSelectSession);
    auto rows = sessions_in(sql, select.where("id = :id", id));
    if (rows.empty()) return fail(ErrorCode::not_found, "no such session");
    return std::move(rows.front());
}

}  // namespace

Result<> WorkSessions::add(const WorkSession& session, const std::string& opened_by) {
    return database_.write([&](soci::session& sql) -> Result<> {
        hold_host(sql, session.host);
        const auto rows = execute(
            sql,
            "INSERT INTO sessions (id, host, work_order, technician, escort, opened_by, opened_at, "
            "closed_by, closed_at) VALUES (:id, :host, :work_order, :technician, :escort, :opened_by, "
            ":opened_at, '', 0) ON CONFLICT DO NOTHING",
            session.id, session.host, session.order, session.technician, session.escort, opened_by,
            session.opened_at);
        if (rows != 1) return fail(ErrorCode::conflict, "a session with this id is there already");
        return {};
    });
}

Result<WorkSession> WorkSessions::find(const std::string& id) {
    return database_.read([&](soci::session& sql) { return session_of(sql, id); });
}

Result<std::vector<WorkSession>> WorkSessions::list(const SessionQuery& query) {
    return database_.read([&](soci::session& sql) {
        Select select(kSelectSession);
        select.where_if("host = :host", query.host);
        if (query.open_only) select.where("closed_at = 0");
        return sessions_in(sql, select.order_by("opened_at DESC, id").limit(query.limit));
    });
}

Written<WorkSession> WorkSessions::close(const std::string& id, const std::string& closed_by,
                                         std::int64_t now, const std::vector<SiteDocument>& documents) {
    return database_.write([&](soci::session& sql) -> Written<WorkSession> {
        const auto rows = execute(sql,
                                  "UPDATE sessions SET closed_at = :now, closed_by = :closed_by "
                                  "WHERE id = :id AND closed_at = 0",
                                  now, closed_by, id);
        auto session = TRY(session_of(sql, id));
        hold_host(sql, session.host);
        if (rows != 1) return fail(ErrorCode::conflict, "the session is closed already");
        TRY_VOID(write_site(sql, documents));
        return session;
    });
}

}  // namespace assay::store
