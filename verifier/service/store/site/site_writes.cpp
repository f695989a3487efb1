#include "verifier/service/store/site/site_writes.h"

#include <algorithm>
#include <iterator>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "evidence/base/digest.h"
#include "evidence/base/text.h"
#include "verifier/service/store/engine/database.h"
#include "verifier/service/store/engine/query.h"
#include "verifier/service/store/site/write_site.h"

namespace assay::store {
namespace {

constexpr std::int64_t kSecond_ms = 1000;
constexpr std::size_t kShown = 400;     // bytes of a row in a reason
constexpr std::size_t kContent = 4096;  // and of one that is set aside

// What a feed tells of a door once stays: else whoever holds its key could move people afterwards.
std::optional<RejectedRow> told_otherwise(soci::session& sql, const StoredBadgeRow& row, std::int64_t now) {
    std::string before;
    Query(sql, "SELECT document FROM badge_rows WHERE source = :source AND event_id = :event_id", row.source,
          row.event_id)
        .one(before);
    if (before == row.document) return std::nullopt;
    return RejectedRow{
        .source = row.source,
        .digest = sha256(as_view(row.document)).hex(),
        .line = row.line,
        .reason = fmt::format("row {} was received before with other content: expected {}, got "
                              "what is here. The first counts; a correction needs an event of "
                              "its own",
                              printable(row.event_id), shortened(before, kShown)),
        .content = shortened(row.document, kContent),
        .rejected_at = now};
}

struct Rows {
    std::vector<const StoredBadgeRow*> added;
    std::vector<RejectedRow> refused;
};

/// Act 0 is none: until the act is written, which is the last of all, these are the rows of this transaction.
Rows add_rows(soci::session& sql, const std::vector<StoredBadgeRow>& rows, std::int64_t now) {
    Rows out;
    for (const auto& row : rows) {
        if (execute(sql,
                    "INSERT INTO badge_rows (source, event_id, from_ms, to_ms, document, act) VALUES "
                    "(:source, :event_id, :from_ms, :to_ms, :document, 0) ON CONFLICT DO NOTHING",
                    row.source, row.event_id, row.from_ms, row.to_ms, row.document) == 1)
            out.added.push_back(&row);
        else if (auto refused = told_otherwise(sql, row, now))
            out.refused.push_back(*std::move(refused));
    }
    return out;
}

std::vector<const RejectedRow*> add_rejected(soci::session& sql, const std::vector<RejectedRow>& rows) {
    std::vector<const RejectedRow*> added;
    for (const auto& row : rows) {
        if (execute(sql,
                    "INSERT INTO rejected_rows (source, digest, line, reason, content, rejected_at) VALUES "
                    "(:source, :digest, :line, :reason, :content, :at) ON CONFLICT DO NOTHING",
                    row.source, row.digest, row.line, row.reason, row.content, row.rejected_at) == 1)
            added.push_back(&row);
    }
    return added;
}

}  // namespace

Written<SiteWritten> SiteWrites::put(const SiteWrite& write, Act act, std::int64_t now) {
    return database_.write([&](soci::session& sql) -> Written<SiteWritten> {
        const auto documents = TRY(write_site(sql, write.documents));
        const auto [rows, refused] = add_rows(sql, write.rows, now);
        auto rejected = add_rejected(sql, write.rejected);
        std::ranges::copy(add_rejected(sql, refused), std::back_inserter(rejected));
        SiteWritten out{.documents = static_cast<std::int64_t>(documents.size()),
                        .rows = static_cast<std::int64_t>(rows.size()),
                        .refused = static_cast<std::int64_t>(refused.size())};
        if (documents.empty() && rows.empty() && rejected.empty()) return out;
        act.object = digest_of_written(documents, rows);
        if (write.to_judge)
            TRY_VOID(write_site(sql, {{.kind = "to-judge",
                                       .id = act.object,
                                       .from_ms = write.to_judge->from_ms,
                                       .to_ms = write.to_judge->to_ms,
                                       .document = "{}",
                                       .stored_at = now,
                                       .open = true}}));
        out.act = write_act(sql, act, now * kSecond_ms);
        mark_site(sql, documents, out.act.number);
        if (!rows.empty()) execute(sql, "UPDATE badge_rows SET act = :act WHERE act = 0", out.act.number);
        for (const auto* row : rejected)
            execute(sql, "UPDATE rejected_rows SET act = :act WHERE source = :source AND digest = :digest",
                    out.act.number, row->source, row->digest);
        return out;
    });
}

Result<std::map<std::int64_t, ActReceipt>> SiteWrites::receipts(const std::set<std::int64_t>& acts) {
    return database_.read([&](soci::session& sql) {
        constexpr std::size_t kAtOnce = 500;
        std::map<std::int64_t, ActReceipt> out;
        for (auto at = acts.begin(); at != acts.end();) {
            std::vector<std::int64_t> some;
            for (; at != acts.end() && some.size() < kAtOnce; ++at) some.push_back(*at);
            std::int64_t number = 0;
            ActReceipt receipt;
            Query(sql, fmt::format("SELECT number, at_ms, hand FROM acts WHERE number IN ({})",
                                   fmt::join(some, ", ")))
                .each([&] { out[number] = receipt; }, number, receipt.at_ms, receipt.hand);
        }
        return out;
    });
}

Result<std::vector<HandOfPerson>> SiteWrites::hands() {
    return database_.read([](soci::session& sql) {
        std::map<std::string, std::string> known;
        std::string name, role, person;
        // Of two people who had one name the newest stands: its hand is who uses it.
        Query(sql, "SELECT name, role, person FROM operators WHERE person <> '' ORDER BY created_at")
            .each([&] { known[(role.ends_with("-feed") ? "feed:" : "operator:") + name] = person; }, name,
                  role, person);
        std::vector<HandOfPerson> out;
        out.reserve(known.size());
        for (auto& [hand, of] : known) out.push_back({hand, std::move(of)});
        return out;
    });
}

}  // namespace assay::store
