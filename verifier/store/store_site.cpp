#include "verifier/store/columns.h"
#include "verifier/store/database.h"
#include "verifier/store/store.h"
#include "verifier/store/write_site.h"

namespace assay::store {

std::int64_t put_site_document(soci::session& sql, const SiteDocument& document) {
    std::int64_t number = 0;
    std::string digest;
    sql << "SELECT number, digest FROM site_documents WHERE kind = :kind AND id = :id AND newest = 1",
        soci::use(document.kind), soci::use(document.id), soci::into(number), soci::into(digest);
    if (sql.got_data() && digest == document.digest) return 0;
    sql << "UPDATE site_documents SET newest = 0 WHERE kind = :kind AND id = :id AND newest = 1",
        soci::use(document.kind), soci::use(document.id);
    ++number;
    const std::int64_t open = document.open ? 1 : 0;
    sql << "INSERT INTO site_documents (kind, id, number, newest, open, host, from_ms, to_ms, digest, "
           "document, "
           "stored_at, stored_by) VALUES (:kind, :id, :number, 1, :open, :host, :from_ms, :to_ms, :digest, "
           ":document, "
           ":at, :by)",
        soci::use(document.kind), soci::use(document.id), soci::use(number), soci::use(open),
        soci::use(document.host), soci::use(document.from_ms), soci::use(document.to_ms),
        soci::use(document.digest), soci::use(document.document), soci::use(document.stored_at),
        soci::use(document.stored_by);
    return 1;
}

Result<std::int64_t> Store::put_site_documents(const std::vector<SiteDocument>& documents) {
    return database_->write([&](soci::session& sql) -> Result<std::int64_t> {
        std::int64_t stored = 0;
        for (const auto& document : documents) stored += put_site_document(sql, document);
        return stored;
    });
}

Result<std::vector<SiteDocument>> Store::site_documents(const SiteQuery& query) {
    return database_->read([&](soci::session& sql) -> Result<std::vector<SiteDocument>> {
        const auto id = query.id.value_or("");
        const auto host = query.host.value_or("");
        const std::int64_t any_id = query.id ? 0 : 1;
        const std::int64_t any_host = query.host ? 0 : 1;
        const std::int64_t least = query.all_numbers ? 0 : 1;
        const std::int64_t least_open = query.open_only ? 1 : 0;
        const auto from = query.from_ms.value_or(INT64_MIN);
        const auto to = query.to_ms.value_or(INT64_MAX);
        SiteDocument row;
        std::int64_t open = 0;
        soci::statement statement =
            (sql.prepare << "SELECT kind, id, number, open, host, from_ms, to_ms, digest, document, "
                            "stored_at, stored_by FROM "
                            "site_documents WHERE kind = :kind AND newest >= :least AND open >= :least_open "
                            "AND (id = :id OR :any_id = 1) AND "
                            "(host = :host OR :any_host = 1) AND to_ms >= :from AND from_ms <= :to "
                            "ORDER BY id, number LIMIT :most",
             soci::use(query.kind), soci::use(least), soci::use(least_open), soci::use(id), soci::use(any_id),
             soci::use(host), soci::use(any_host), soci::use(from), soci::use(to), soci::use(query.limit),
             soci::into(row.kind), soci::into(row.id), soci::into(row.number), soci::into(open),
             soci::into(row.host), soci::into(row.from_ms), soci::into(row.to_ms), soci::into(row.digest),
             soci::into(row.document), soci::into(row.stored_at), soci::into(row.stored_by));
        statement.execute();
        std::vector<SiteDocument> all;
        while (statement.fetch()) {
            row.open = open != 0;
            all.push_back(row);
        }
        return all;
    });
}

Result<bool> Store::has_site_document(const std::string& kind, const std::string& id) {
    return database_->read([&](soci::session& sql) -> Result<bool> {
        std::int64_t count = 0;
        sql << "SELECT COUNT(*) FROM site_documents WHERE kind = :kind AND id = :id AND newest = 1",
            soci::use(kind), soci::use(id), soci::into(count);
        return count != 0;
    });
}

Result<std::int64_t> Store::add_verdicts(const std::vector<SiteDocument>& verdicts,
                                         const std::vector<std::string>& settled) {
    return database_->write([&](soci::session& sql) -> Result<std::int64_t> {
        std::int64_t stored = 0;
        for (const auto& verdict : verdicts) stored += put_site_document(sql, verdict);
        for (const auto& event : settled)
            sql << "UPDATE site_documents SET open = 0 WHERE kind = 'event' AND id = :id", soci::use(event);
        return stored;
    });
}

Result<std::int64_t> Store::add_badge_rows(const std::vector<StoredBadgeRow>& rows) {
    return database_->write([&](soci::session& sql) -> Result<std::int64_t> {
        std::int64_t added = 0;
        StoredBadgeRow row;
        soci::statement statement(sql);
        statement.exchange(soci::use(row.source));
        statement.exchange(soci::use(row.event_id));
        statement.exchange(soci::use(row.from_ms));
        statement.exchange(soci::use(row.to_ms));
        statement.exchange(soci::use(row.document));
        statement.alloc();
        statement.prepare(
            "INSERT INTO badge_rows (source, event_id, from_ms, to_ms, document) VALUES (:source, "
            ":event_id, :from_ms, :to_ms, :document) ON CONFLICT DO NOTHING");
        statement.define_and_bind();
        for (const auto& next : rows) {
            row = next;
            statement.execute(true);
            added += statement.get_affected_rows();
        }
        return added;
    });
}

Result<std::vector<StoredBadgeRow>> Store::badge_rows(std::int64_t from_ms, std::int64_t to_ms,
                                                      std::int64_t limit) {
    return database_->read([&](soci::session& sql) -> Result<std::vector<StoredBadgeRow>> {
        StoredBadgeRow row;
        soci::statement statement =
            (sql.prepare << "SELECT source, event_id, from_ms, to_ms, document FROM badge_rows WHERE to_ms "
                            ">= :from AND "
                            "from_ms <= :to ORDER BY source, event_id LIMIT :most",
             soci::use(from_ms), soci::use(to_ms), soci::use(limit), soci::into(row.source),
             soci::into(row.event_id), soci::into(row.from_ms), soci::into(row.to_ms),
             soci::into(row.document));
        statement.execute();
        std::vector<StoredBadgeRow> all;
        while (statement.fetch()) all.push_back(row);
        return all;
    });
}

Result<std::int64_t> Store::count_badge_rows() {
    return database_->read([&](soci::session& sql) -> Result<std::int64_t> {
        std::int64_t count = 0;
        sql << "SELECT COUNT(*) FROM badge_rows", soci::into(count);
        return count;
    });
}

Result<> Store::add_rejected_rows(const std::vector<RejectedRow>& rows) {
    return database_->write([&](soci::session& sql) -> Result<> {
        for (const auto& row : rows) {
            sql << "INSERT INTO rejected_rows (source, digest, line, reason, content, rejected_at) VALUES "
                   "(:source, "
                   ":digest, :line, :reason, :content, :at) ON CONFLICT DO NOTHING",
                soci::use(row.source), soci::use(row.digest), soci::use(row.line), soci::use(row.reason),
                soci::use(row.content), soci::use(row.rejected_at);
        }
        return {};
    });
}

Result<std::vector<RejectedRow>> Store::rejected_rows(const std::optional<std::string>& source) {
    return database_->read([&](soci::session& sql) -> Result<std::vector<RejectedRow>> {
        const auto wanted = source.value_or("");
        const std::int64_t any = source ? 0 : 1;
        RejectedRow row;
        soci::statement statement =
            (sql.prepare << "SELECT source, digest, line, reason, content, rejected_at FROM rejected_rows "
                            "WHERE (source "
                            "= :source OR :any = 1) ORDER BY rejected_at DESC, line, digest LIMIT 1000",
             soci::use(wanted), soci::use(any), soci::into(row.source), soci::into(row.digest),
             soci::into(row.line), soci::into(row.reason), soci::into(row.content),
             soci::into(row.rejected_at));
        statement.execute();
        std::vector<RejectedRow> all;
        while (statement.fetch()) all.push_back(row);
        return all;
    });
}

}  // namespace assay::store
