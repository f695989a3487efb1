#include <tuple>
#include <utility>

#include "verifier/service/store/attestations/attestations.h"
#include "verifier/service/store/engine/database.h"
#include "verifier/service/store/engine/select.h"

namespace assay::store {
namespace {

// first_revision > gap: the stays in a row, up to now, that tell it. A finding that names a matter ends with
// "matter " and 16 digits.
constexpr const char* kOpen =
    " FROM (SELECT p.*, (SELECT MIN(s.first_at) FROM stays s WHERE s.host = p.host AND s.first_revision > "
    "p.gap) "
    "AS since, (SELECT CAST(SUM(s.last_revision - s.first_revision + 1) AS BIGINT) FROM stays s WHERE s.host "
    "= p.host AND "
    "s.first_revision > p.gap) AS times FROM (SELECT n.host, n.result_id, n.last_at, f.position, f.id, "
    "f.tier, "
    "f.basis, f.subject, f.expected, f.actual, f.evidence, f.remedy, f.group_key, COALESCE((SELECT "
    "b.first_revision FROM stays b WHERE b.host = n.host AND NOT EXISTS (SELECT 1 FROM findings g WHERE "
    "g.conclusion = b.conclusion AND g.id = f.id AND g.subject = f.subject AND (f.evidence NOT LIKE '%matter "
    "________________' OR substr(g.evidence, length(g.evidence) - 22) = substr(f.evidence, "
    "length(f.evidence) - "
    "22))) ORDER BY b.first_revision DESC LIMIT 1), -1) AS gap "
    "FROM stays n JOIN findings f ON f.conclusion = n.conclusion WHERE n.first_revision = (SELECT "
    "MAX(m.first_revision) FROM stays m WHERE m.host = n.host)) p) o";

Select& asked(Select& select, const OpenQuery& query) {
    return select.where_if("o.host = :host", query.host)
        .where_if("o.id = :id", query.id)
        .where_if("o.since >= :since", query.since);
}

struct ReadOpen {
    OpenFinding open;
    std::string tier, basis;
};

}  // namespace

Result<OpenFindings> Results::open_findings(const OpenQuery& query) {
    return database_.read([&](soci::session& sql) -> Result<OpenFindings> {
        OpenFindings out;
        Select count("SELECT COUNT(*)", kOpen);
        asked(count, query).on(sql).one(out.total);
        Select select(
            "SELECT o.host, encode(o.result_id, 'hex'), o.last_at, o.id, o.tier, o.basis, o.subject, "
            "o.expected, "
            "o.actual, o.evidence, o.remedy, o.group_key, o.since, o.times",
            kOpen);
        asked(select, query)
            .order_by(
                "CASE o.tier WHEN 'contraindicated' THEN 0 WHEN 'none' THEN 1 WHEN 'warning' THEN 2 ELSE 3 "
                "END, "
                "o.host, o.position")
            .limit(query.limit);
        const auto rows = select.on(sql).rows<ReadOpen>([](ReadOpen& each) {
            auto& [row, since, times] = each.open;
            auto& finding = row.finding;
            return std::tie(row.host, row.result_id, row.appraised_at, finding.id, each.tier, each.basis,
                            finding.subject, finding.expected, finding.actual, finding.evidence,
                            finding.remedy, row.group, since, times);
        });
        for (const auto& [open, tier, basis] : rows) {
            auto& finding = out.rows.emplace_back(open).row.finding;
            finding.tier = TRY(tier_from_name(tier));
            finding.basis = TRY(basis_from_name(basis));
        }
        return out;
    });
}

}  // namespace assay::store
