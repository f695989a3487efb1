#include "evidence/base/digest.h"
#include "verifier/service/store/engine/database.h"
#include "verifier/service/store/engine/select.h"
#include "verifier/service/store/hosts/admission.h"

namespace assay::store {
namespace {

std::string group_of(const Refusal& refusal) {
    Hasher hasher(HashAlgorithm::sha256);
    for (const auto* part :
         {&refusal.host, &refusal.asked_name, &refusal.kind, &refusal.ek_digest, &refusal.ak_digest})
        hasher.update(sha256(as_view(*part)).view());
    return hasher.finish().hex();
}

bool count_up(soci::session& sql, const std::string& group, const Refusal& row) {
    return execute(sql,
                   "UPDATE refusals SET last_at = :last, times = times + :times, actual = :actual WHERE "
                   "group_key = :group",
                   row.last_at, row.times, row.actual, group) == 1;
}

void add_refusal(soci::session& sql, const Refusal& refusal) {
    auto group = group_of(refusal);
    if (count_up(sql, group, refusal)) return;
    const auto kept = number(sql, "SELECT COUNT(*) FROM refusals WHERE host = :host", refusal.host);
    auto row = refusal;
    // An applicant chooses its name and its keys, so their number must not decide how much is kept.
    if (kept >= kRefusalsOfHost && row.host.empty()) {
        execute(sql,
                "DELETE FROM refusals WHERE group_key IN (SELECT group_key FROM refusals WHERE host = '' "
                "ORDER BY last_at, group_key LIMIT 1)");
    } else if (kept >= kRefusalsOfHost) {
        row.asked_name = row.ek_digest = row.ak_digest = "";
        row.actual = "many different TPMs";
        group = group_of(row);
        if (count_up(sql, group, row)) return;
    }
    const auto added =
        execute(sql,
                "INSERT INTO refusals (group_key, host, asked_name, kind, ek_digest, ak_digest, expected, "
                "actual, first_at, last_at, times) VALUES (:group, :host, :asked, :kind, :ek, :ak, "
                ":expected, :actual, :first, :last, :times) ON CONFLICT DO NOTHING",
                group, row.host, row.asked_name, row.kind, row.ek_digest, row.ak_digest, row.expected,
                row.actual, row.first_at, row.last_at, row.times);
    if (added == 0) count_up(sql, group, row);  // another connection was first
}

void drop_surplus(soci::session& sql) {
    const auto there = number(sql, "SELECT COUNT(*) FROM refusals");
    if (there <= kRefusals) return;
    execute(sql,
            "DELETE FROM refusals WHERE group_key IN (SELECT group_key FROM refusals ORDER BY last_at, "
            "group_key LIMIT :surplus)",
            there - kRefusals);
}

}  // namespace

Result<> Refusals::add(const std::vector<Refusal>& refusals) {
    return database_.write([&](soci::session& sql) {
        for (const auto& refusal : refusals) add_refusal(sql, refusal);
        drop_surplus(sql);
    });
}

Result<std::vector<Refusal>> Refusals::list(const RefusalQuery& query) {
    return database_.read([&](soci::session& sql) {
        Select select(
            "SELECT host, asked_name, kind, ek_digest, ak_digest, expected, actual, first_at, last_at, times "
            "FROM refusals");
        select.where_either("(host = :host OR asked_name = :name)", query.host)
            .where_if("kind = :kind", query.kind)
            .where_if("last_at >= :since", query.since)
            .order_by("last_at DESC, group_key")
            .limit(query.limit);
        return select.on(sql).rows<Refusal>([](Refusal& row) {
            return std::tie(row.host, row.asked_name, row.kind, row.ek_digest, row.ak_digest, row.expected,
                            row.actual, row.first_at, row.last_at, row.times);
        });
    });
}

}  // namespace assay::store
