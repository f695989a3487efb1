#include <algorithm>
#include <stdexcept>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "evidence/base/digest.h"
#include "evidence/base/stable_sort.h"
#include "evidence/codec/json_writer.h"
#include "verifier/service/store/engine/database.h"
#include "verifier/service/store/engine/select.h"
#include "verifier/service/store/site/site.h"
#include "verifier/service/store/site/write_site.h"

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
    Query(sql, "SELECT number, digest FROM site_documents WHERE kind = :kind AND id = :id AND +newest = 1",
          document.kind, document.id)
        .one(out.number, out.digest);
    return out;
}

// Of two at once one changes the row of the number before, or inserts the first, and the other none.
bool is_next(soci::session& sql, const SiteDocument& document, std::int64_t before) {
    if (before != 0 && execute(sql,
                               "UPDATE site_documents SET newest = 0 WHERE kind = :kind AND id = :id AND "
                               "number = :number AND newest = 1",
                               document.kind, document.id, before) != 1) {
        return false;
    }
    // From the first directory on every host is judged by it.
    if (before == 0 && document.kind == kDirectory) execute(sql, "UPDATE host_state SET told = told + 1");
    return execute(
               sql,
               "INSERT INTO site_documents (kind, id, number, newest, open, host, from_ms, to_ms, digest, "
               "document, stored_at, stored_by) VALUES (:kind, :id, :number, 1, :open, :host, :from_ms, "
               ":to_ms, :digest, :document, :at, :by) ON CONFLICT DO NOTHING",
               document.kind, document.id, before + 1, document.open, document.host, document.from_ms,
               document.to_ms, document.digest, document.document, document.stored_at,
               document.stored_by) == 1;
}

// The number that it was stored with, 0 where it is the newest already.
Written<std::int64_t> write_one(soci::session& sql, const SiteDocument& document,
                                const std::optional<std::int64_t>& made_from) {
    for (int i = 0; i < kTries; ++i) {
        const auto newest = newest_of(sql, document);
        if (made_from && *made_from != newest.number)
            return refuse(Refused::moved, "the document was changed in the meantime");
        if (newest.number != 0 && newest.digest == document.digest) return 0;
        if (is_next(sql, document, newest.number)) return newest.number + 1;
    }
    throw std::runtime_error("a document was replaced by other connections again and again");
}

}  // namespace

Written<std::vector<WrittenDocument>> write_site(soci::session& sql,
                                                 const std::vector<SiteDocument>& documents) {
    // In one order, so that two transactions cannot wait for each other.
    std::vector<const SiteDocument*> sorted;
    for (const auto& document : documents) sorted.push_back(&document);
    const auto key = [](const SiteDocument* each) { return std::tie(each->kind, each->id); };
    sort_stably(sorted, {}, key);
    std::vector<WrittenDocument> stored;
    const SiteDocument* before = nullptr;
    for (const auto* document : sorted) {
        // Of two of one kind and id the first was compared, and the second takes its place.
        const bool again = before != nullptr && key(before) == key(document);
        const auto number = TRY(write_one(sql, *document, again ? std::nullopt : document->made_from));
        if (number != 0) stored.push_back({document, number});
        before = document;
    }
    return stored;
}

void mark_site(soci::session& sql, const std::vector<WrittenDocument>& written, std::int64_t act) {
    for (const auto& each : written)
        execute(sql,
                "UPDATE site_documents SET act = :act WHERE kind = :kind AND id = :id AND number = :number",
                act, each.document->kind, each.document->id, each.number);
}

std::string digest_of_written(const std::vector<WrittenDocument>& written,
                              const std::vector<const StoredBadgeRow*>& rows) {
    std::vector<std::string> lines;
    for (const auto& each : written)
        lines.push_back(line_of(each.document->kind, each.document->id, each.number, each.document->digest));
    for (const auto* row : rows) lines.push_back(line_of(*row));
    return digest_of_lines(std::move(lines));
}

std::string line_of(std::string_view kind, std::string_view id, std::int64_t number,
                    std::string_view digest) {
    return fmt::format("{} {} {} {}\n", kind, id, number, digest);
}

std::string line_of(const StoredBadgeRow& row) {
    return fmt::format("badge {} {} {}\n", row.source, row.event_id, sha256(as_view(row.document)).hex());
}

std::string digest_of_lines(std::vector<std::string> lines) {
    std::ranges::sort(lines);
    return sha256(as_view(fmt::format("{}", fmt::join(lines, "")))).hex();
}

void settle_events(soci::session& sql, const std::vector<std::string>& settled) {
    for (const auto& event : settled)
        execute(sql, "UPDATE site_documents SET open = 0 WHERE kind = 'event' AND id = :id", event);
}

Written<std::int64_t> SiteDocuments::put(const std::vector<SiteDocument>& documents) {
    return database_.write([&](soci::session& sql) -> Written<std::int64_t> {
        return static_cast<std::int64_t>(TRY(write_site(sql, documents)).size());
    });
}

Result<std::vector<SiteDocument>> SiteDocuments::list(const SiteQuery& query) {
    return database_.read([&](soci::session& sql) {
        Select select(query.without_document
                          ? Sql("SELECT kind, id, number, open, host, from_ms, to_ms, digest, '', stored_at, "
                                "stored_by, act FROM site_documents")
                          : Sql("SELECT kind, id, number, open, host, from_ms, to_ms, digest, document, "
                                "stored_at, stored_by, act FROM site_documents"));
        select.where("kind = :kind", query.kind);
        // A plus keeps SQLite off the index on `newest` where the key itself is asked for.
        if (!query.all_numbers && !query.number && query.id) select.where("+newest = 1");
        // Both, so that the index by time serves.
        if (!query.id) select.where(query.all_numbers ? Sql("newest IN (0, 1)") : Sql("newest = 1"));
        if (query.open_only) select.where("open = 1");
        select.where_if("id = :id", query.id)
            .where_if("number = :number", query.number)
            .where_if("host = :host", query.host)
            .where_if("to_ms >= :from", query.from_ms)
            .where_if("from_ms <= :to", query.to_ms)
            .order_by("id || '', number")  // by an index on the condition, not by the key for its order
            .limit(query.limit);
        return select.on(sql).rows<SiteDocument>([](SiteDocument& row) {
            return std::tie(row.kind, row.id, row.number, row.open, row.host, row.from_ms, row.to_ms,
                            row.digest, row.document, row.stored_at, row.stored_by, row.act);
        });
    });
}

Result<std::optional<SiteDocument>> SiteDocuments::newest(const std::string& kind, const std::string& id) {
    auto found = TRY(list({.kind = kind, .id = id}));
    return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

Result<bool> SiteDocuments::has(const std::string& kind, const std::string& id) {
    return database_.read([&](soci::session& sql) {
        return number(sql,
                      "SELECT COUNT(*) FROM site_documents WHERE kind = :kind AND id = :id AND +newest = 1",
                      kind, id) != 0;
    });
}

Result<> SiteDocuments::settle(const std::vector<SiteDocument>& documents) {
    return database_.write([&](soci::session& sql) {
        for (const auto& each : documents)
            execute(sql, "UPDATE site_documents SET open = 0 WHERE kind = :kind AND id = :id", each.kind,
                    each.id);
    });
}

Written<std::int64_t> SiteDocuments::add_verdicts(const std::vector<SiteDocument>& verdicts,
                                                  const std::vector<std::string>& settled,
                                                  const std::vector<std::string>& changed) {
    return database_.write([&](soci::session& sql) -> Written<std::int64_t> {
        const auto stored = TRY(write_site(sql, verdicts));
        settle_events(sql, settled);
        for (const auto& event : changed) {
            execute(sql, "UPDATE site_documents SET open = 1 WHERE kind = 'event' AND id = :id", event);
            execute(sql,
                    "UPDATE host_state SET told = told + 1 WHERE host IN (SELECT host FROM site_documents "
                    "WHERE kind = 'event' AND id = :id)",
                    event);
        }
        if (stored.empty()) return 0;
        const auto& first = *stored.front().document;
        auto events = Json::array();
        for (const auto& each : stored) events.push_back({each.document->id, each.number});
        constexpr std::int64_t kSecond = 1000;
        const auto act = write_act(sql,
                                   {.kind = ActKind::verdict_changed,
                                    .hand = "verifier",
                                    .subject = "host:" + first.host,
                                    .object = digest_of_written(stored),
                                    .document = Json{{"verdicts", std::move(events)}}.dump()},
                                   first.stored_at * kSecond);
        mark_site(sql, stored, act.number);
        return static_cast<std::int64_t>(stored.size());
    });
}

}  // namespace assay::store
