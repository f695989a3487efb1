#include "evidence/codec/json_writer.h"
#include "verifier/service/store/acts/act.h"
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
    std::string unlisted;
    std::vector<WorkSession> out;
    const auto add = [&] {
        row.closed_at = closed_at != 0 ? std::optional(closed_at) : std::nullopt;
        row.unlisted = !unlisted.empty() ? std::optional(unlisted) : std::nullopt;
        out.push_back(row);
    };
    select.on(sql).each(add, row.id, row.host, row.order, row.technician, row.escort, row.opened_at,
                        closed_at, unlisted);
    return out;
}

// Of one of before there were acts nobody asked whether order and persons are known.
constexpr const char* kSelectSession =
    "SELECT id, host, work_order, technician, escort, opened_at, closed_at, CASE WHEN act = 1 THEN opened_by "
    "ELSE unlisted END FROM sessions";

Result<WorkSession> session_of(soci::session& sql, const std::string& id) {
    Select select(kSelectSession);
    auto rows = sessions_in(sql, select.where("id = :id", id));
    if (rows.empty()) return fail(ErrorCode::not_found, "no such session");
    return std::move(rows.front());
}

}  // namespace

Written<> WorkSessions::add(const WorkSession& session, const std::string& hand,
                            const std::vector<SiteDocument>& documents) {
    return database_.write([&](soci::session& sql) -> Written<> {
        hold_host(sql, session.host);
        const auto unlisted = session.unlisted.value_or("");
        const auto rows = execute(
            sql,
            "INSERT INTO sessions (id, host, work_order, technician, escort, opened_by, opened_at, "
            "closed_by, closed_at, unlisted) VALUES (:id, :host, :work_order, :technician, :escort, :hand, "
            ":opened_at, '', 0, :unlisted) ON CONFLICT DO NOTHING",
            session.id, session.host, session.order, session.technician, session.escort, hand,
            session.opened_at, unlisted);
        if (rows != 1) return fail(ErrorCode::conflict, "a session with this id is there already");
        const auto written = TRY(write_site(sql, documents));
        const auto act = write_act(sql,
                                   {.kind = ActKind::session_opened,
                                    .hand = hand,
                                    .subject = "host:" + session.host,
                                    .object = digest_of_written(written),
                                    .document = Json{{"session", session.id},
                                                     {"order", session.order},
                                                     {"technician", session.technician},
                                                     {"escort", session.escort},
                                                     {"opened_at", session.opened_at},
                                                     {"unlisted", unlisted}}
                                                    .dump()},
                                   session.opened_at * kSecond_ms);
        mark_site(sql, written, act.number);
        execute(sql, "UPDATE sessions SET act = :act WHERE id = :id", act.number, session.id);
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

Written<WorkSession> WorkSessions::close(const std::string& id, const std::string& hand, std::int64_t now,
                                         const std::vector<SiteDocument>& documents) {
    return database_.write([&](soci::session& sql) -> Written<WorkSession> {
        const auto rows = execute(sql,
                                  "UPDATE sessions SET closed_at = :now, closed_by = :hand "
                                  "WHERE id = :id AND closed_at = 0",
                                  now, hand, id);
        auto session = TRY(session_of(sql, id));
        hold_host(sql, session.host);
        if (rows != 1) return fail(ErrorCode::conflict, "the session is closed already");
        const auto written = TRY(write_site(sql, documents));
        const auto act = write_act(sql,
                                   {.kind = ActKind::session_closed,
                                    .hand = hand,
                                    .subject = "host:" + session.host,
                                    .object = digest_of_written(written),
                                    .document = Json{{"session", id}, {"closed_at", now}}.dump()},
                                   now * kSecond_ms);
        mark_site(sql, written, act.number);
        execute(sql, "UPDATE sessions SET closed_act = :act WHERE id = :id", act.number, id);
        return session;
    });
}

}  // namespace assay::store
