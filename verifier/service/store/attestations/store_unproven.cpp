#include <map>
#include <set>

#include "verifier/service/store/columns.h"
#include "verifier/service/store/engine/database.h"
#include "verifier/service/store/store.h"

namespace assay::store {
namespace {

using Sources = std::set<std::string>;

Sources sources_of(soci::session& sql, const std::string& host) {
    Sources out;
    std::string source;
    soci::statement statement =
        (sql.prepare << "SELECT DISTINCT source FROM unproven_evidence WHERE host = :host", soci::use(host),
         soci::into(source));
    statement.execute();
    while (statement.fetch()) out.insert(source);
    out.erase(kOtherSources);
    return out;
}

/// The line in which `source` is counted.
std::string line_of(Sources& known, const std::string& source) {
    if (source == kOtherSources || known.contains(source)) return source;
    if (known.size() >= kUnprovenSources) return kOtherSources;
    known.insert(source);
    return source;
}

void drop_old(soci::session& sql, std::int64_t now) {
    const auto horizon = now - kUnprovenKept_s;
    sql << "DELETE FROM unproven_evidence WHERE last_at < :horizon", soci::use(horizon);
}

void drop_surplus(soci::session& sql) {
    std::int64_t there = 0;
    sql << "SELECT COUNT(*) FROM unproven_evidence", soci::into(there);
    if (there <= kUnprovenRows) return;
    const auto surplus = there - kUnprovenRows;
    sql << "DELETE FROM unproven_evidence WHERE (host, source, reason) IN (SELECT host, source, reason FROM "
           "unproven_evidence ORDER BY last_at, host, source, reason LIMIT :surplus)",
        soci::use(surplus);
}

}  // namespace

Result<> Store::add_unproven(const std::vector<UnprovenRow>& rows, std::int64_t now) {
    return database_->write([&](soci::session& sql) -> Result<> {
        drop_old(sql, now);
        std::map<std::string, Sources> known;
        for (const auto& row : rows) {
            if (!row.host.empty() && !known.contains(row.host)) hold_host(sql, row.host);
            const auto found = known.find(row.host);
            auto& sources =
                found != known.end() ? found->second : known[row.host] = sources_of(sql, row.host);
            const auto source = line_of(sources, row.source);
            sql << "INSERT INTO unproven_evidence AS there (host, source, reason, times, first_at, last_at) "
                   "VALUES (:host, :source, :reason, :times, :first, :last) ON CONFLICT (host, source, "
                   "reason) DO UPDATE SET times = there.times + excluded.times, "
                   "first_at = CASE WHEN excluded.first_at < there.first_at THEN excluded.first_at ELSE "
                   "there.first_at END, "
                   "last_at = CASE WHEN excluded.last_at > there.last_at THEN excluded.last_at ELSE "
                   "there.last_at END",
                soci::use(row.host), soci::use(source), soci::use(row.reason), soci::use(row.times),
                soci::use(row.first_at), soci::use(row.last_at);
        }
        drop_surplus(sql);
        return {};
    });
}

Result<std::vector<UnprovenRow>> Store::unproven(const UnprovenQuery& query) {
    return database_->read([&](soci::session& sql) -> Result<std::vector<UnprovenRow>> {
        std::string text =
            "SELECT host, source, reason, times, first_at, last_at FROM unproven_evidence WHERE last_at >= "
            ":since";
        if (query.host) text += " AND host = :host";
        text += " ORDER BY last_at DESC, host, source, reason LIMIT :most";
        const auto since = query.since.value_or(0);
        UnprovenRow row;
        soci::statement statement(sql);
        statement.exchange(soci::use(since));
        if (query.host) statement.exchange(soci::use(*query.host));
        statement.exchange(soci::use(query.limit));
        statement.exchange(soci::into(row.host));
        statement.exchange(soci::into(row.source));
        statement.exchange(soci::into(row.reason));
        statement.exchange(soci::into(row.times));
        statement.exchange(soci::into(row.first_at));
        statement.exchange(soci::into(row.last_at));
        statement.alloc();
        statement.prepare(text);
        statement.define_and_bind();
        statement.execute();
        std::vector<UnprovenRow> rows;
        while (statement.fetch()) rows.push_back(row);
        return rows;
    });
}

}  // namespace assay::store
