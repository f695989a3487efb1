#include <algorithm>

#include "verifier/service/store/engine/database.h"
#include "verifier/service/store/engine/select.h"
#include "verifier/service/store/site/site.h"

namespace assay::store {

Result<std::vector<StoredBadgeRow>> BadgeRows::list(std::int64_t from_ms, std::int64_t to_ms,
                                                    std::int64_t limit) {
    return database_.read([&](soci::session& sql) {
        auto all =
            Query(sql,
                  "SELECT source, event_id, from_ms, to_ms, document, act FROM badge_rows WHERE to_ms "
                  ">= :from AND from_ms <= :to LIMIT :most",
                  from_ms, to_ms, limit)
                .rows<StoredBadgeRow>([](StoredBadgeRow& row) {
                    return std::tie(row.source, row.event_id, row.from_ms, row.to_ms, row.document, row.act);
                });
        // Ordered here: asked for an order, SQLite walks the whole table by its key.
        std::ranges::sort(all, {}, [](const StoredBadgeRow& r) { return std::tie(r.source, r.event_id); });
        return all;
    });
}

Result<std::int64_t> BadgeRows::count() {
    return database_.read([](soci::session& sql) { return number(sql, "SELECT COUNT(*) FROM badge_rows"); });
}

Result<std::vector<RejectedRow>> BadgeRows::rejected(const std::optional<std::string>& source) {
    return database_.read([&](soci::session& sql) {
        constexpr std::int64_t kMost = 1000;
        Select select("SELECT source, digest, line, reason, content, rejected_at FROM rejected_rows");
        select.where_if("source = :source", source).order_by("rejected_at DESC, line, digest").limit(kMost);
        return select.on(sql).rows<RejectedRow>([](RejectedRow& row) {
            return std::tie(row.source, row.digest, row.line, row.reason, row.content, row.rejected_at);
        });
    });
}

}  // namespace assay::store
