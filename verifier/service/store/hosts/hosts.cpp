#include "verifier/service/store/hosts/hosts.h"

#include <fmt/core.h>

#include "evidence/base/digest.h"
#include "evidence/base/hex.h"
#include "evidence/base/text.h"
#include "evidence/codec/json_writer.h"
#include "verifier/service/store/acts/act.h"
#include "verifier/service/store/attestations/boot_clocks.h"
#include "verifier/service/store/attestations/held_sections.h"
#include "verifier/service/store/attestations/occasions.h"
#include "verifier/service/store/columns.h"
#include "verifier/service/store/engine/database.h"
#include "verifier/service/store/engine/query.h"
#include "verifier/service/store/hosts/identity.h"
#include "verifier/service/store/hosts/known_hosts.h"

namespace assay::store {
namespace {

// The newest attestation is the one whose number is the host's revision; before the first there is none.
constexpr const char* kSummary =
    "SELECT h.name, h.enrolled_at, h.ek_digest, COALESCE(c.tier, ''), COALESCE(t.last_at, 0), "
    "COALESCE(encode(t.result_id, 'hex'), '') FROM hosts h JOIN host_state s ON s.host = h.name "
    "LEFT JOIN stays t ON t.host = h.name AND t.last_revision = s.revision AND t.first_revision = (SELECT "
    "MAX(n.first_revision) FROM stays n WHERE n.host = h.name) "
    "LEFT JOIN conclusions c ON c.number = t.conclusion";

auto summary_columns(HostSummary& row) {
    return std::tie(row.host, row.enrolled_at, row.ek_digest, row.tier, row.appraised_at, row.result_id);
}

constexpr const char* kContact =
    "SELECT h.name, h.enrolled_at, s.attested_at, s.watched_until_ms FROM hosts h JOIN host_state s ON "
    "s.host = h.name";

auto contact_columns(Contact& row) {
    return std::tie(row.host, row.enrolled_at, row.attested_at, row.watched_until_ms);
}

judge::Labels labels_of(soci::session& sql, const std::string& host) {
    judge::Labels out;
    std::string name;
    std::string value;
    Query(sql, "SELECT name, value FROM host_labels WHERE host = :host", host)
        .each([&] { out[name] = value; }, name, value);
    return out;
}

/// The host's labels, and by whose word it has them: "role=database, site=fra1 by ada, 2026-11-30 09:00:00Z".
judge::Labels add_labels(soci::session& sql, KnownHost& known) {
    constexpr std::size_t kMost = 250;  // bytes, of 256 that a bundle takes
    judge::Labels all;
    std::map<std::pair<std::string, std::int64_t>, judge::Labels> said;
    std::string name, value, by;
    std::int64_t at = 0;
    Query(sql, "SELECT name, value, set_by, set_at FROM host_labels WHERE host = :host", known.name)
        .each([&] { all[name] = said[{by, at}][name] = value; }, name, value, by, at);
    if (all.empty()) return all;
    std::string text;
    for (const auto& [word, labels] : said)
        text += fmt::format("{}{} by {}, {}", text.empty() ? "" : "; ", judge::to_text(labels), word.first,
                            utc_text(word.second));
    known.policy_by = shortened(text, kMost);
    if (const auto site = all.find("site"); site != all.end()) known.site = site->second;
    return all;
}

/// What the verifier was told of the host beside its evidence and labels. A site of a purchase line chooses
/// nothing until it is a label.
void add_admission(soci::session& sql, KnownHost& known) {
    std::string serial;
    PurchaseSite purchase;
    Query(sql,
          "SELECT chassis_serial, site, registered_by, registered_at FROM registrations WHERE host = :host",
          known.name)
        .one(serial, purchase.site, purchase.by, purchase.at);
    if (!serial.empty()) known.chassis_serial = serial;
    if (!purchase.site.empty() && purchase.site != known.site) known.purchase_site = purchase;
    known.replaced = Query(sql,
                           "SELECT done_at, ordered_by, reason, old_ek_digest FROM replacements WHERE host = "
                           ":host AND done_at <> 0 ORDER BY done_at DESC, id LIMIT 1",
                           known.name)
                         .first<ReplacedTpm>([](ReplacedTpm& row) {
                             return std::tie(row.at, row.by, row.reason, row.old_ek);
                         });
    known.boot_clock = newest_boot_clock(sql, known.name);
}

/// The act's number.
std::int64_t write_label_act(soci::session& sql, ActKind kind, const std::string& host,
                             const judge::Labels& before, const HostLabels& after) {
    constexpr std::int64_t kSecond_ms = 1000;
    const auto labels = Json(after.labels).dump();
    return write_act(sql,
                     {.kind = kind,
                      .hand = "operator:" + after.set_by,
                      .subject = "host:" + host,
                      .object = sha256(as_view(labels)).hex(),
                      .document = Json{{"after", after.labels}, {"before", before}}.dump()},
                     after.set_at * kSecond_ms)
        .number;
}

/// By name, so that two that adopt at once wait for each other.
std::vector<AdoptedSite> hosts_to_adopt(soci::session& sql, const std::string& site) {
    return Query(sql,
                 "SELECT r.host, COALESCE(l.value, '') FROM registrations r JOIN hosts h ON h.name = r.host "
                 "LEFT "
                 "JOIN host_labels l ON l.host = r.host AND l.name = 'site' WHERE r.site = :site AND "
                 "COALESCE(l.value, '') <> :same ORDER BY r.host",
                 site, site)
        .rows<AdoptedSite>([](AdoptedSite& row) { return std::tie(row.host, row.before); });
}

/// The newest delivery of the host, `outdated` where it was given for another TPM than `ek_digest`.
Result<std::optional<Delivery>> newest_delivery(soci::session& sql, const std::string& host,
                                                const std::string& ek_digest) {
    std::string hex;
    std::string of;
    if (!Query(sql,
               "SELECT encode(delivery, 'hex'), ek_digest FROM endorsements WHERE host = :host ORDER BY "
               "number DESC LIMIT 1",
               host)
             .one(hex, of))
        return std::nullopt;
    auto delivery = TRY(decode_delivery(TRY(bytes_from_column(hex))));
    delivery.outdated = of != ek_digest;
    return delivery;
}

NoneOf none_of(soci::session& sql, const std::string& host) {
    NoneOf none;
    Query(sql,
          "SELECT CASE WHEN EXISTS (SELECT 1 FROM sessions WHERE host = :a) THEN 0 ELSE 1 END, "
          "CASE WHEN EXISTS (SELECT 1 FROM unproven_evidence WHERE host = :b) THEN 0 ELSE 1 END, "
          "CASE WHEN EXISTS (SELECT 1 FROM site_documents WHERE kind = 'event' AND newest = 1 AND open = 1 "
          "AND host = :c) THEN 0 ELSE 1 END, "
          "CASE WHEN EXISTS (SELECT 1 FROM device_sightings WHERE host = :d AND open = 1) THEN 0 ELSE 1 END, "
          "CASE WHEN EXISTS (SELECT 1 FROM site_documents WHERE kind = 'directory' AND id = 'directory' AND "
          "+newest = 1) THEN 0 ELSE 1 END",
          host, host, host, host)
        .one(none.sessions, none.unproven, none.open_events, none.open_stays, none.directory);
    return none;
}

/// The host as it stands in its own two tables.
Result<Host> enrolled_host(soci::session& sql, const std::string& name) {
    Host host;
    auto& identity = host.identity;
    auto& known = host.known;
    IdentityColumns keys;
    std::string head, anchor, ima, open, watch;
    std::uint64_t counter = 0, open_more = 0;
    if (!Query(sql,
               "SELECT h.name, h.enrolled_at, h.ek_digest, h.ak_digest, encode(h.ek_public, 'hex'), "
               "encode(h.ak_public, 'hex'), encode(h.ek_certificates, 'hex'), h.iak, h.idevid, s.revision, "
               "s.told, s.attested_at, s.watched_until_ms, "
               "s.clock_ms, s.reset_count, s.restart_count, s.journal_sequence, s.journal_head, "
               "s.journal_value, s.journal_counter, s.ima_state, s.open_matters, s.open_more, s.watch, "
               "s.boot_of "
               "FROM hosts h JOIN host_state s ON s.host = h.name WHERE h.name = :name",
               name)
             .one(identity.host, host.enrolled_at, identity.ek_digest, identity.ak_digest, keys.ek_public,
                  keys.ak_public, keys.ek_certificates, keys.iak, keys.idevid, host.revision, host.told,
                  host.attested_at, host.watched_until_ms, known.last_clock_ms, known.last_reset_count,
                  known.last_restart_count, known.journal_sequence, head, anchor, counter, ima, open,
                  open_more, watch, host.boot_of))
        return not_enrolled();
    TRY_VOID(keys.read_into(identity));
    known.name = identity.host;
    known.ak_public = identity.ak_public;
    known.ek_public = identity.ek_public;
    known.ek_certificates = identity.ek_certificates;
    if (identity.iak.shown()) known.iak_certificates = identity.iak.certificates;
    known.ak_activated = true;  // activate() is the only way into the table
    known.enrolled_at = host.enrolled_at;
    known.journal_head = TRY(bytes_from_column(head));
    if (!anchor.empty()) {
        const auto value = TRY(Digest::from_bytes(HashAlgorithm::sha256, TRY(bytes_from_column(anchor))));
        known.journal_anchor = {value, counter};
    }
    if (!ima.empty()) known.ima = TRY(decode_ima_state(TRY(bytes_from_column(ima))));
    if (!open.empty()) known.open = TRY(decode_open_matters(TRY(bytes_from_column(open))));
    if (!watch.empty()) known.watch = TRY(decode_watch_point(TRY(bytes_from_column(watch))));
    if (open_more != 0) known.open_more = open_more;
    return host;
}

}  // namespace

// The first of its statements reads what says whether the rest still stands: whatever changes between them is
// refused when something is stored that was made from it.
Result<Host> Hosts::find(const std::string& name) {
    return database_.read([&](soci::session& sql) -> Result<Host> {
        auto out = TRY(enrolled_host(sql, name));
        out.labels = add_labels(sql, out.known);
        add_admission(sql, out.known);
        if (const auto newest = newest_names(sql, name, out.revision)) {
            out.conclusion = newest->conclusion;
            out.known.previous =
                TRY(Digest::from_bytes(HashAlgorithm::sha256, TRY(bytes_from_column(newest->id))));
        }
        out.known.delivery = TRY(newest_delivery(sql, name, out.identity.ek_digest));
        out.none = none_of(sql, name);
        RememberedHost remembered{.host = std::move(out), .held = read_held_sections(sql, name)};
        known_hosts_.put(remembered);
        return std::move(remembered.host);
    });
}

std::shared_ptr<const RememberedHost> Hosts::remembered(const std::string& name) {
    return known_hosts_.find(name);
}

Result<std::optional<EnrolledKey>> Hosts::attestation_key(const std::string& host) {
    return database_.read([&](soci::session& sql) -> Result<std::optional<EnrolledKey>> {
        std::string hex;
        if (!Query(sql, "SELECT encode(ak_public, 'hex') FROM hosts WHERE name = :name", host).one(hex))
            return std::nullopt;
        auto key = TRY(bytes_from_column(hex));
        return EnrolledKey{.ak_public = std::move(key), .labels = labels_of(sql, host)};
    });
}

Result<HostSummary> Hosts::summary(const std::string& name) {
    return database_.read([&](soci::session& sql) -> Result<HostSummary> {
        auto row = Query(sql, std::string(kSummary) + " WHERE h.name = :name", name)
                       .first<HostSummary>(summary_columns);
        if (!row) return not_enrolled();
        return *std::move(row);
    });
}

Result<std::vector<HostSummary>> Hosts::list() {
    return database_.read([&](soci::session& sql) {
        return Query(sql, std::string(kSummary) + " ORDER BY h.name").rows<HostSummary>(summary_columns);
    });
}

Result<std::uint64_t> Hosts::count() {
    return database_.read([](soci::session& sql) {
        return static_cast<std::uint64_t>(number(sql, "SELECT COUNT(*) FROM hosts"));
    });
}

Result<Contact> Hosts::contact(const std::string& host) {
    return database_.read([&](soci::session& sql) -> Result<Contact> {
        auto row =
            Query(sql, std::string(kContact) + " WHERE h.name = :host", host).first<Contact>(contact_columns);
        if (!row) return not_enrolled();
        row->labels = labels_of(sql, host);
        return *std::move(row);
    });
}

Result<std::vector<Contact>> Hosts::contacts() {
    return database_.read([&](soci::session& sql) {
        auto out = Query(sql, std::string(kContact) + " ORDER BY h.name").rows<Contact>(contact_columns);
        std::map<std::string, judge::Labels> labels;
        std::string host, name, value;
        Query(sql, "SELECT host, name, value FROM host_labels")
            .each([&] { labels[host][name] = value; }, host, name, value);
        for (auto& each : out) {
            if (const auto found = labels.find(each.host); found != labels.end())
                each.labels = std::move(found->second);
        }
        return out;
    });
}

Result<> Hosts::set_labels(const std::string& host, const HostLabels& labels) {
    return database_.write([&](soci::session& sql) -> Result<> {
        if (!hold_host(sql, host)) return not_enrolled();
        const auto before = labels_of(sql, host);
        execute(sql, "DELETE FROM host_labels WHERE host = :host", host);
        for (const auto& [name, value] : labels.labels) {
            execute(sql,
                    "INSERT INTO host_labels (host, name, value, set_by, set_at) VALUES (:host, :name, "
                    ":value, :by, :at)",
                    host, name, value, labels.set_by, labels.set_at);
        }
        const auto act = write_label_act(sql, ActKind::labels_set, host, before, labels);
        execute(sql, "UPDATE host_labels SET act = :act WHERE host = :host", act, host);
        return {};
    });
}

Result<std::vector<AdoptedSite>> Hosts::adopt_site(const SiteToAdopt& wanted) {
    std::vector<AdoptedSite> out;
    const auto written = database_.write([&](soci::session& sql) -> Result<> {
        out = hosts_to_adopt(sql, wanted.site);
        if (wanted.dry_run) return {};
        for (const auto& each : out) {
            hold_host(sql, each.host);
            execute(sql,
                    "INSERT INTO host_labels (host, name, value, set_by, set_at) VALUES (:host, 'site', "
                    ":site, :by, "
                    ":at) ON CONFLICT (host, name) DO UPDATE SET value = excluded.value, set_by = "
                    "excluded.set_by, "
                    "set_at = excluded.set_at",
                    each.host, wanted.site, wanted.by, wanted.at);
        }
        // Behind all rows, so that the chain is held for a short time.
        for (const auto& each : out) {
            auto before = labels_of(sql, each.host);
            const HostLabels after{before, wanted.by, wanted.at};
            before.erase("site");
            if (!each.before.empty()) before["site"] = each.before;
            const auto act = write_label_act(sql, ActKind::labels_adopted, each.host, before, after);
            execute(sql, "UPDATE host_labels SET act = :act WHERE host = :host AND name = 'site'", act,
                    each.host);
        }
        return {};
    });
    if (!written) return std::unexpected(written.error());
    return out;
}

Result<HostLabels> Hosts::labels(const std::string& host) {
    return database_.read([&](soci::session& sql) -> Result<HostLabels> {
        if (number(sql, "SELECT COUNT(*) FROM hosts WHERE name = :name", host) == 0) return not_enrolled();
        HostLabels out;
        std::string name;
        std::string value;
        Query(sql, "SELECT name, value, set_by, set_at FROM host_labels WHERE host = :host", host)
            .each([&] { out.labels[name] = value; }, name, value, out.set_by, out.set_at);
        return out;
    });
}

Result<> Hosts::add_endorsement(const Endorsement& endorsement) {
    return database_.write([&](soci::session& sql) -> Result<> {
        if (!hold_host(sql, endorsement.host)) return not_enrolled();
        const auto next =
            number(sql, "SELECT COALESCE(MAX(number), 0) + 1 FROM endorsements WHERE host = :host",
                   endorsement.host);
        execute(sql,
                "INSERT INTO endorsements (host, number, ek_digest, endorsed_at, delivery, files) VALUES "
                "(:host, :number, :ek, :at, decode(:delivery, 'hex'), decode(:files, 'hex'))",
                endorsement.host, next, endorsement.ek_digest, endorsement.delivery.at,
                to_hex(encode_delivery(endorsement.delivery)), to_hex(encode_list(endorsement.files)));
        constexpr std::int64_t kSecond_ms = 1000;
        write_act(sql,
                  {.kind = ActKind::host_endorsed,
                   .hand = "operator:" + endorsement.delivery.by,
                   .subject = "host:" + endorsement.host,
                   .object = endorsement.delivery.digest,
                   .document = Json{{"source", endorsement.delivery.source}, {"number", next}}.dump()},
                  endorsement.delivery.at * kSecond_ms);
        return {};
    });
}

}  // namespace assay::store
