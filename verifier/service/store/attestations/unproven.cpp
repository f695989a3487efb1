#include "verifier/service/store/attestations/unproven.h"

#include <map>
#include <set>

#include "verifier/service/store/columns.h"
#include "verifier/service/store/engine/database.h"
#include "verifier/service/store/engine/select.h"

namespace assay::store {
namespace {

using Sources = std::set<std::string>;

Sources sources_of(soci::session& sql, const std::string& host) {
    const auto all = Query(sql, "SELECT DISTINCT source FROM unproven_evidence WHERE host = :host", host)
                         .values<std::string>();
    Sources out(all.begin(), all.end());
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

void drop_surplus_unproven(soci::session& sql) {
    const auto there = number(sql, "SELECT COUNT(*) FROM unproven_evidence");
    if (there <= kUnprovenRows) return;
    execute(sql,
            "DELETE FROM unproven_evidence WHERE (host, source, reason) IN (SELECT host, source, reason FROM "
            "unproven_evidence ORDER BY last_at, host, source, reason LIMIT :surplus)",
            there - kUnprovenRows);
}

}  // namespace

Result<> Unproven::add(const std::vector<UnprovenRow>& rows, std::int64_t now) {
    return database_.write([&](soci::session& sql) {
        execute(sql, "DELETE FROM unproven_evidence WHERE last_at < :horizon", now - kUnprovenKept_s);
        std::map<std::string, Sources> known;
        for (const auto& row : rows) {
            if (!row.host.empty() && !known.contains(row.host)) hold_host(sql, row.host);
            const auto found = known.find(row.host);
            auto& sources =
                found != known.end() ? found->second : known[row.host] = sources_of(sql, row.host);
            execute(sql,
                    "INSERT INTO unproven_evidence AS there (host, source, reason, times, first_at, last_at) "
                    "VALUES (:host, :source, :reason, :times, :first, :last) ON CONFLICT (host, source, "
                    "reason) DO UPDATE SET times = there.times + excluded.times, "
                    "first_at = CASE WHEN excluded.first_at < there.first_at THEN excluded.first_at ELSE "
                    "there.first_at END, "
                    "last_at = CASE WHEN excluded.last_at > there.last_at THEN excluded.last_at ELSE "
                    "there.last_at END",
                    row.host, line_of(sources, row.source), row.reason, row.times, row.first_at, row.last_at);
        }
        drop_surplus_unproven(sql);
    });
}

Result<std::vector<UnprovenRow>> Unproven::list(const UnprovenQuery& query) {
    return database_.read([&](soci::session& sql) {
        Select select("SELECT host, source, reason, times, first_at, last_at FROM unproven_evidence");
        select.where("last_at >= :since", query.since.value_or(0))
            .where_if("host = :host", query.host)
            .order_by("last_at DESC, host, source, reason")
            .limit(query.limit);
        return select.on(sql).rows<UnprovenRow>([](UnprovenRow& row) {
            return std::tie(row.host, row.source, row.reason, row.times, row.first_at, row.last_at);
        });
    });
}

}  // namespace assay::store
