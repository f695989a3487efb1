#include <algorithm>
#include <stdexcept>
#include <tuple>

#include "evidence/base/stable_sort.h"
#include "verifier/service/store/columns.h"
#include "verifier/service/store/engine/database.h"
#include "verifier/service/store/engine/select.h"
#include "verifier/service/store/site/write_site.h"
#include "verifier/service/store/store.h"

namespace assay::store {

namespace {

constexpr std::string_view kDirectory = "directory";
constexpr int kTries = 16;  // against other connections; SQLite has one that writes

struct Newest {
    std::int64_t number = 0;  // 0: there is none
    std::string digest;
};

Newest newest_of(soci::session& sql, const SiteDocument& document) {
    Newest out;
    sql << "SELECT number, digest FROM site_documents WHERE kind = :kind AND id = :id AND +newest = 1",
        soci::use(document.kind), soci::use(document.id), soci::into(out.number), soci::into(out.digest);
    return out;
}

// Of two at once one changes the row of the number before, or inserts the first, and the other none.
bool is_next(soci::session& sql, const SiteDocument& document, std::int64_t before) {
    if (before != 0 &&
        rows_changed(sql,
                     "UPDATE site_documents SET newest = 0 WHERE kind = :kind AND id = :id AND number = "
                     ":number AND newest = 1",
                     soci::use(document.kind), soci::use(document.id), soci::use(before)) != 1) {
        return false;
    }
    const auto number = before + 1;
    const std::int64_t open = document.open ? 1 : 0;
    // From the first directory on every host is judged by it.
    if (number == 1 && document.kind == kDirectory) sql << "UPDATE host_state SET told = told + 1";
    return rows_changed(
               sql,
               "INSERT INTO site_documents (kind, id, number, newest, open, host, from_ms, to_ms, digest, "
               "document, stored_at, stored_by) VALUES (:kind, :id, :number, 1, :open, :host, :from_ms, "
               ":to_ms, :digest, :document, :at, :by) ON CONFLICT DO NOTHING",
               soci::use(document.kind), soci::use(document.id), soci::use(number), soci::use(open),
               soci::use(document.host), soci::use(document.from_ms), soci::use(document.to_ms),
               soci::use(document.digest), soci::use(document.document), soci::use(document.stored_at),
               soci::use(document.stored_by)) == 1;
}

Written<std::int64_t> write_one(soci::session& sql, const SiteDocument& document,
                                const std::optional<std::int64_t>& made_from) {
    for (int i = 0; i < kTries; ++i) {
        const auto newest = newest_of(sql, document);
        if (made_from && *made_from != newest.number)
            return refuse(Refused::moved, "the document was changed in the meantime");
        if (newest.number != 0 && newest.digest == document.digest) return 0;
        if (is_next(sql, document, newest.number)) return 1;
    }
    throw std::runtime_error("a document was replaced by other connections again and again");
}

}  // namespace

Written<std::int64_t> write_site(soci::session& sql, const std::vector<SiteDocument>& documents) {
    // In one order, so that two transactions cannot wait for each other.
    std::vector<const SiteDocument*> sorted;
    for (const auto& document : documents) sorted.push_back(&document);
    const auto key = [](const SiteDocument* each) { return std::tie(each->kind, each->id); };
    sort_stably(sorted, {}, key);
    std::int64_t stored = 0;
    const SiteDocument* before = nullptr;
    for (const auto* document : sorted) {
        // Of two of one kind and id the first was compared, and the second takes its place.
        const bool again = before != nullptr && key(before) == key(document);
        const auto written = write_one(sql, *document, again ? std::nullopt : document->made_from);
        if (!written) return written;
        stored += *written;
        before = document;
    }
    return stored;
}

Written<std::int64_t> Store::put_site_documents(const std::vector<SiteDocument>& documents) {
    return database_->write(
        [&](soci::session& sql) -> Written<std::int64_t> { return write_site(sql, documents); });
}

Result<std::vector<SiteDocument>> Store::site_documents(const SiteQuery& query) {
    return database_->read([&](soci::session& sql) -> Result<std::vector<SiteDocument>> {
        Select select(
            "SELECT kind, id, number, open, host, from_ms, to_ms, digest, document, stored_at, stored_by "
            "FROM "
            "site_documents");
        select.where("kind = :kind", query.kind);
        // A plus keeps SQLite off the index on `newest` where the key itself is asked for.
        if (!query.all_numbers && query.id) select.where("+newest = 1");
        if (!query.all_numbers && !query.id) select.where("newest = 1");
        if (query.open_only) select.where("open = 1");
        select.where_if("id = :id", query.id)
            .where_if("host = :host", query.host)
            .where_if("to_ms >= :from", query.from_ms)
            .where_if("from_ms <= :to", query.to_ms)
            .order_by("id || '', number")  // by an index on the condition, not by the key for its order
            .limit(query.limit);
        SiteDocument row;
        std::int64_t open = 0;
        auto statement = select.prepare(
            sql, soci::into(row.kind), soci::into(row.id), soci::into(row.number), soci::into(open),
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
        sql << "SELECT COUNT(*) FROM site_documents WHERE kind = :kind AND id = :id AND +newest = 1",
            soci::use(kind), soci::use(id), soci::into(count);
        return count != 0;
    });
}

Written<std::int64_t> Store::add_verdicts(const std::vector<SiteDocument>& verdicts,
                                          const std::vector<std::string>& settled) {
    return database_->write([&](soci::session& sql) -> Written<std::int64_t> {
        auto stored = write_site(sql, verdicts);
        if (!stored) return stored;
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
                            ">= :from AND from_ms <= :to LIMIT :most",
             soci::use(from_ms), soci::use(to_ms), soci::use(limit), soci::into(row.source),
             soci::into(row.event_id), soci::into(row.from_ms), soci::into(row.to_ms),
             soci::into(row.document));
        statement.execute();
        std::vector<StoredBadgeRow> all;
        while (statement.fetch()) all.push_back(row);
        // Ordered here: asked for an order, SQLite walks the whole table by its key.
        std::ranges::sort(all, {}, [](const StoredBadgeRow& r) { return std::tie(r.source, r.event_id); });
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
        constexpr std::int64_t kMost = 1000;
        Select select("SELECT source, digest, line, reason, content, rejected_at FROM rejected_rows");
        select.where_if("source = :source", source).order_by("rejected_at DESC, line, digest").limit(kMost);
        RejectedRow row;
        auto statement =
            select.prepare(sql, soci::into(row.source), soci::into(row.digest), soci::into(row.line),
                           soci::into(row.reason), soci::into(row.content), soci::into(row.rejected_at));
        statement.execute();
        std::vector<RejectedRow> all;
        while (statement.fetch()) all.push_back(row);
        return all;
    });
}

}  // namespace assay::store
