#include "verifier/service/store/acts/audit.h"

#include <iterator>
#include <utility>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "evidence/base/hex.h"
#include "evidence/base/text.h"
#include "evidence/codec/json_reader.h"
#include "evidence/codec/json_writer.h"
#include "verifier/service/store/acts/act.h"
#include "verifier/service/store/attestations/occasions.h"
#include "verifier/service/store/engine/database.h"
#include "verifier/service/store/engine/select.h"
#include "verifier/service/store/operators.h"
#include "verifier/service/store/site/write_site.h"

namespace assay::store {
namespace {

using judge::ActedRow;
using judge::Contradiction;
using Found = std::vector<Contradiction>;

constexpr std::size_t kShort = 16;  // hex digits that chain.begun has of a row

std::string json_digest(const Json& json) {
    return sha256(as_view(json.dump())).hex();
}

RowDigests labels_in(soci::session& sql, bool before) {
    std::map<std::string, Json> labels;
    std::string host, name, value;
    Query(sql, fmt::format("SELECT host, name, value FROM host_labels{}", before ? " WHERE act = 1" : ""))
        .each([&] { labels[host][name] = value; }, host, name, value);
    RowDigests out;
    for (const auto& [of, all] : labels) out["labels " + of] = json_digest(all);
    return out;
}

RowDigests lines_in(soci::session& sql, Select select) {
    RowDigests out;
    std::string host, site, rack, unit, tpm, chassis;
    select.on(sql).each(
        [&] {
            out["registration " + host] = json_digest({{"chassis_serial", chassis},
                                                       {"host", host},
                                                       {"rack", rack},
                                                       {"site", site},
                                                       {"tpm_digest", tpm},
                                                       {"unit", unit}});
        },
        host, site, rack, unit, tpm, chassis);
    return out;
}

Select all_lines() {
    return Select("SELECT host, site, rack, unit, tpm_digest, chassis_serial FROM registrations");
}

RowDigests sessions_in(soci::session& sql, bool before) {
    RowDigests out;
    std::string id, order, technician, escort, unlisted;
    std::int64_t opened_at = 0;
    Query(sql, fmt::format("SELECT id, work_order, technician, escort, opened_at, unlisted FROM sessions{}",
                           before ? " WHERE act = 1" : ""))
        .each(
            [&] {
                out["session " + id] = json_digest({{"session", id},
                                                    {"order", order},
                                                    {"technician", technician},
                                                    {"escort", escort},
                                                    {"opened_at", opened_at},
                                                    {"unlisted", unlisted}});
            },
            id, order, technician, escort, opened_at, unlisted);
    return out;
}

RowDigests documents_of_before(soci::session& sql) {
    RowDigests out;
    std::string kind, id, digest;
    std::int64_t number = 0;
    Query(sql, "SELECT kind, id, number, digest FROM site_documents WHERE act = 1 AND kind <> 'to-judge'")
        .each([&] { out[fmt::format("document {} {} {}", kind, id, number)] = digest; }, kind, id, number,
              digest);
    return out;
}

RowDigests badges_of_before(soci::session& sql) {
    constexpr std::int64_t kSecond_ms = 1000;
    constexpr std::size_t kDate = 10;
    std::map<std::string, std::vector<std::string>> lines;
    StoredBadgeRow row;
    Query(sql, "SELECT source, event_id, from_ms, document FROM badge_rows WHERE act = 1")
        .each(
            [&] {
                const auto day = utc_text(row.from_ms / kSecond_ms).substr(0, kDate);
                lines[fmt::format("badges {} {}", row.source, day)].push_back(line_of(row));
            },
            row.source, row.event_id, row.from_ms, row.document);
    RowDigests out;
    for (auto& [of, all] : lines) out[of] = digest_of_lines(std::move(all));
    return out;
}

struct Acted {
    std::string digest;  ///< whole, or its first digits
    std::int64_t act = 0, at_ms = 0;
};
using ActedRows = std::map<std::string, Acted>;

void take_begun(const StoredAct& act, ActedRows& rows) {
    JsonReader document(act.document, {.limits = {.bytes = 256U << 20U, .values = 10'000'000}});
    document.members(
        "rows",
        [&](const std::string& name, JsonReader& digest) {
            rows[name] = {digest.text("", kShort), act.number, act.at_ms};
        },
        10'000'000);
}

/// What the newest act says of each row that acts tell of one by one.
ActedRows acted_rows(soci::session& sql) {
    ActedRows out;
    StoredAct act;
    Query(sql,
          "SELECT number, at_ms, kind, subject, object, document FROM acts WHERE kind IN ('chain.begun', "
          "'labels.set', 'labels.adopted', 'registration.added', 'registration.changed', 'session.opened', "
          "'operator.added', 'operator.revoked') ORDER BY number")
        .each(
            [&] {
                const std::string_view subject = act.subject;
                const auto of = std::string(subject.substr(std::min(subject.find(':') + 1, subject.size())));
                const auto acted = [&](std::string_view what, std::string digest) {
                    out[fmt::format("{} {}", what, of)] = {std::move(digest), act.number, act.at_ms};
                };
                if (act.kind == "chain.begun") take_begun(act, out);
                if (act.kind.starts_with("labels.")) acted("labels", act.object);
                if (act.kind.starts_with("registration.")) acted("registration", act.object);
                if (act.kind == "operator.added") acted("operator", act.object);
                if (act.kind == "operator.revoked") acted("operator", act.object + " revoked");
                if (act.kind == "session.opened") {
                    JsonReader document(act.document, {.open = true});
                    out[fmt::format("session {}", document.peek("session"))] = {
                        sha256(as_view(act.document)).hex(), act.number, act.at_ms};
                }
            },
            act.number, act.at_ms, act.kind, act.subject, act.object, act.document);
    return out;
}

/// Rows and acts of what is told one by one. `rows`: all that stand.
void compare_rows(const RowDigests& rows, const ActedRows& acts, Found& out) {
    static const auto kNoLabels = json_digest(Json::object());
    const auto compare = [&](const std::string& what, std::string stands) {
        const auto acted = acts.find(what);
        ActedRow row{.what = what, .stands = std::move(stands)};
        if (acted != acts.end()) {
            row.acted = acted->second.digest;
            row.act = acted->second.act;
            row.at_ms = acted->second.at_ms;
            if (row.acted.size() == kShort) row.stands.resize(std::min(row.stands.size(), kShort));
        }
        if (row.stands.empty() && row.acted == kNoLabels) row.acted.clear();
        if (auto found = judge::row_contradiction(row)) out.push_back(*std::move(found));
    };
    for (const auto& [what, digest] : rows) compare(what, digest);
    for (const auto& [what, acted] : acts) {
        if (!rows.contains(what)) compare(what, "");
    }
}

/// What is told by one act for all that came with it.
void compare_batches(soci::session& sql, Found& out) {
    std::map<std::int64_t, std::vector<std::string>> lines;
    std::string kind, id, digest, document;
    std::int64_t number = 0, act = 0, to_ms = 0;
    // What is yet to be judged says nothing that is judged by.
    Query(sql,
          "SELECT act, kind, id, number, to_ms, digest, document FROM site_documents WHERE kind <> "
          "'to-judge'")
        .each(
            [&] {
                // A watermark is all in its column. Of a verdict the digest is of what decides.
                const auto wanted =
                    kind == "watermark" ? std::to_string(to_ms) : sha256(as_view(document)).hex();
                if (kind != "verdict" && wanted != digest)
                    out.push_back({fmt::format("document {} {} {}: it is not the one of its digest", kind,
                                               printable(id), number),
                                   0});
                if (act != 1) lines[act].push_back(line_of(kind, id, number, digest));
            },
            act, kind, id, number, to_ms, digest, document);
    StoredBadgeRow row;
    Query(sql, "SELECT act, source, event_id, document FROM badge_rows WHERE act <> 1")
        .each([&] { lines[act].push_back(line_of(row)); }, act, row.source, row.event_id, row.document);
    StoredAct told;
    Query(sql,
          "SELECT number, at_ms, kind, object FROM acts WHERE kind IN ('directory.proposed', "
          "'directory.approved', 'directory.narrowed', 'policy.set', 'orders.imported', 'badges.imported', "
          "'session.opened', 'session.signed', 'session.signature_replaced', 'session.closed', "
          "'late.signed', 'journal.taken', 'verdict.changed', 'verdict.acknowledged') ORDER BY number")
        .each(
            [&] {
                auto mine = lines.extract(told.number);
                const bool none = mine.empty();
                if (none && told.object.empty()) return;  // it stored nothing
                const ActedRow stored{
                    .what = fmt::format("what act {} ({}) stored", told.number, told.kind),
                    .stands = digest_of_lines(none ? std::vector<std::string>() : std::move(mine.mapped())),
                    .acted = told.object,
                    .act = told.number,
                    .at_ms = told.at_ms};
                if (auto found = judge::row_contradiction(stored)) out.push_back(*std::move(found));
            },
            told.number, told.at_ms, told.kind, told.object);
    for (const auto& [of, rows] : lines)
        out.push_back(
            {fmt::format("{} documents or badge rows: expected an act that stored them, got act {}, which "
                         "did not",
                         rows.size(), of),
             0});
}

RowDigests operators_in(const std::vector<Operator>& operators) {
    RowDigests out;
    for (const auto& who : operators)
        out["operator " + who.certificate] = object_of(who) + (who.revoked_at != 0 ? " revoked" : "");
    return out;
}

/// What stands there is the result of its id.
bool is_itself(soci::session& sql, const ReadOccasion& occasion) {
    const auto conclusion = read_conclusion(sql, occasion.conclusion);
    if (!conclusion) return false;
    auto decoded = decode_conclusion(conclusion->document);
    return decoded && attestation_result_id(result_of(*std::move(decoded), occasion.parts,
                                                      occasion.appraised_at)) == occasion.id;
}

}  // namespace

RowDigests rows_of_before(soci::session& sql) {
    RowDigests out;
    for (auto rows : {labels_in(sql, true), lines_in(sql, all_lines().where("act = 1")),
                      sessions_in(sql, true), documents_of_before(sql), badges_of_before(sql)})
        out.merge(rows);
    return out;
}

std::string line_digest(soci::session& sql, const std::string& host) {
    const auto line = lines_in(sql, all_lines().where("host = :host", host));
    return line.empty() ? std::string() : line.begin()->second;
}

Result<Found> Audit::chain() {
    Found out;
    judge::ChainWalk walk;
    ActQuery slice{.after = 0};
    for (;;) {
        const auto acts = TRY(Acts(store_).list(slice));
        for (const auto& act : acts) {
            auto found = walk.next({act.number, act.at_ms, act.kind, act.hand, act.subject, act.object,
                                    sha256(as_view(act.document))},
                                   act.head);
            if (found) out.push_back(*std::move(found));
        }
        if (static_cast<std::int64_t>(acts.size()) < slice.limit) return out;
        slice.after = acts.back().number;
    }
}

Result<Found> Audit::rows() {
    const auto operators = operators_in(TRY(Operators(store_).list()));
    return database_.read([&](soci::session& sql) {
        Found out;
        auto rows = operators;
        for (auto some : {labels_in(sql, false), lines_in(sql, all_lines()), sessions_in(sql, false),
                          documents_of_before(sql), badges_of_before(sql)})
            rows.merge(some);
        compare_rows(rows, acted_rows(sql), out);
        compare_batches(sql, out);
        return out;
    });
}

Result<std::vector<std::string>> Audit::hosts(const std::string& after, std::int64_t limit) {
    return database_.read([&](soci::session& sql) {
        return Query(sql, "SELECT name FROM hosts WHERE name > :after ORDER BY name LIMIT :most", after,
                     limit)
            .values<std::string>();
    });
}

Result<Found> Audit::results_of(const std::string& host) {
    return database_.read([&](soci::session& sql) {
        Found out;
        const auto places = Query(sql,
                                  "SELECT o.conclusion, o.revision FROM occasions o JOIN conclusions c ON "
                                  "c.number = o.conclusion WHERE c.host = :host ORDER BY o.revision",
                                  host)
                                .rows<OccasionPlace>([](OccasionPlace& row) {
                                    return std::tie(row.conclusion, row.revision);
                                });
        std::vector<judge::ResultLink> links;
        std::int64_t last = 0;
        for (const auto& place : places) {
            const auto before = std::exchange(last, place.revision);
            const auto occasion = read_occasion(sql, place);
            if (!occasion || !is_itself(sql, *occasion)) {
                // The id of the one before is part of it, and is not stored twice.
                if (before == 0 || before + 1 == place.revision) {
                    out.push_back(
                        {fmt::format("{}: result {} is not the one of its id", host, place.revision), 0});
                    continue;
                }
                const auto at =
                    number(sql,
                           "SELECT appraised_at FROM occasions WHERE conclusion = :conclusion AND "
                           "revision = :revision",
                           place.conclusion, place.revision);
                out.push_back({fmt::format("{}: result {} is missing: result {} of {} names it", host,
                                           place.revision - 1, place.revision, utc_text(at)),
                               0});
                continue;
            }
            const auto& previous = occasion->parts.known.previous;
            links.push_back({place.revision, occasion->appraised_at, occasion->id,
                             previous ? previous->hex() : std::string()});
        }
        const auto named =
            Query(sql,
                  "SELECT number, at_ms, object FROM acts WHERE subject = :subject AND kind IN "
                  "('results.changed', 'results.sealed') ORDER BY number",
                  "host:" + host)
                .rows<judge::NamedResult>(
                    [](judge::NamedResult& row) { return std::tie(row.act, row.at_ms, row.id); });
        const auto newest = number(sql, "SELECT revision FROM host_state WHERE host = :host", host);
        std::ranges::move(judge::result_contradictions(host, links, named, newest), std::back_inserter(out));
        return out;
    });
}

Result<Found> Audit::everything() {
    constexpr std::int64_t kAtOnce = 1000;
    auto out = TRY(chain());
    std::ranges::move(TRY(rows()), std::back_inserter(out));
    for (std::string after;;) {
        const auto some = TRY(hosts(after, kAtOnce));
        for (const auto& host : some) std::ranges::move(TRY(results_of(host)), std::back_inserter(out));
        if (some.empty()) return out;
        after = some.back();
    }
}

}  // namespace assay::store
