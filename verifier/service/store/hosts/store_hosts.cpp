#include "evidence/base/hex.h"
#include "verifier/service/store/attestations/boot_clocks.h"
#include "verifier/service/store/attestations/occasions.h"
#include "verifier/service/store/columns.h"
#include "verifier/service/store/engine/database.h"
#include "verifier/service/store/hosts/endorsements.h"
#include "verifier/service/store/hosts/held_sections.h"
#include "verifier/service/store/hosts/known_hosts.h"
#include "verifier/service/store/hosts/read_labels.h"
#include "verifier/service/store/store.h"

namespace assay::store {
namespace {

// The newest attestation is the one whose number is the host's revision; before the first there is none.
constexpr const char* kSummary =
    "SELECT h.name, h.enrolled_at, h.ek_digest, COALESCE(c.tier, ''), COALESCE(t.last_at, 0), "
    "COALESCE(encode(t.result_id, 'hex'), '') FROM hosts h JOIN host_state s ON s.host = h.name "
    "LEFT JOIN stays t ON t.host = h.name AND t.last_revision = s.revision AND t.first_revision = (SELECT "
    "MAX(n.first_revision) FROM stays n WHERE n.host = h.name) "
    "LEFT JOIN conclusions c ON c.number = t.conclusion";

/// What host_state holds, in the types that SQL has.
struct State {
    std::int64_t clock_ms = 0;
    std::int64_t reset_count = 0;
    std::int64_t restart_count = 0;
    std::int64_t journal_sequence = 0;
    std::string journal_head;
    std::string journal_value;
    std::int64_t journal_counter = 0;
    std::string ima;
};

struct Text {
    std::string ek, ak, certificates, iak, idevid;
};

/// What the verifier was told of the host beside its evidence.
void add_admission(soci::session& sql, KnownHost& known) {
    std::string serial;
    std::string site;
    sql << "SELECT chassis_serial, site FROM registrations WHERE host = :host", soci::use(known.name),
        soci::into(serial), soci::into(site);
    if (sql.got_data() && !serial.empty()) known.chassis_serial = serial;
    if (sql.got_data() && !site.empty()) known.site = site;
    ReplacedTpm replaced;
    sql << "SELECT done_at, ordered_by, reason, old_ek_digest FROM replacements WHERE host = :host AND "
           "done_at <> 0 ORDER BY done_at DESC, id LIMIT 1",
        soci::use(known.name), soci::into(replaced.at), soci::into(replaced.by), soci::into(replaced.reason),
        soci::into(replaced.old_ek);
    if (sql.got_data()) known.replaced = replaced;
    known.boot_clock = newest_boot_clock(sql, known.name);
}

NoneOf none_of(soci::session& sql, const std::string& host) {
    std::int64_t sessions = 0, unproven = 0, events = 0, stays = 0, directory = 0;
    sql << "SELECT CASE WHEN EXISTS (SELECT 1 FROM sessions WHERE host = :a) THEN 1 ELSE 0 END, "
           "CASE WHEN EXISTS (SELECT 1 FROM unproven_evidence WHERE host = :b) THEN 1 ELSE 0 END, "
           "CASE WHEN EXISTS (SELECT 1 FROM site_documents WHERE kind = 'event' AND newest = 1 AND open = 1 "
           "AND "
           "host = :c) THEN 1 ELSE 0 END, "
           "CASE WHEN EXISTS (SELECT 1 FROM device_sightings WHERE host = :d AND open = 1) THEN 1 ELSE 0 "
           "END, "
           "CASE WHEN EXISTS (SELECT 1 FROM site_documents WHERE kind = 'directory' AND id = 'directory' AND "
           "+newest = 1) THEN 1 ELSE 0 END",
        soci::use(host), soci::use(host), soci::use(host), soci::use(host), soci::into(sessions),
        soci::into(unproven), soci::into(events), soci::into(stays), soci::into(directory);
    return {.sessions = sessions == 0,
            .unproven = unproven == 0,
            .open_events = events == 0,
            .open_stays = stays == 0,
            .directory = directory == 0};
}

Result<Host> assembled(Host host, const Text& text, const State& state) {
    auto& identity = host.identity;
    identity.ek_public = TRY(bytes_from_column(text.ek));
    identity.ak_public = TRY(bytes_from_column(text.ak));
    identity.ek_certificates = TRY(decode_list(TRY(bytes_from_column(text.certificates))));
    identity.iak = TRY(device_key_from_column(text.iak));
    identity.idevid = TRY(device_key_from_column(text.idevid));
    auto& known = host.known;
    known.name = identity.host;
    known.ak_public = identity.ak_public;
    known.ek_public = identity.ek_public;
    known.ek_certificates = identity.ek_certificates;
    if (identity.iak.shown()) known.iak_certificates = identity.iak.certificates;
    known.ak_activated = true;  // activate() is the only way into the table
    known.enrolled_at = host.enrolled_at;
    known.last_clock_ms = static_cast<std::uint64_t>(state.clock_ms);
    known.last_reset_count = static_cast<std::uint32_t>(state.reset_count);
    known.last_restart_count = static_cast<std::uint32_t>(state.restart_count);
    known.journal_sequence = static_cast<std::uint64_t>(state.journal_sequence);
    known.journal_head = TRY(bytes_from_column(state.journal_head));
    if (!state.journal_value.empty()) {
        const auto bytes = TRY(bytes_from_column(state.journal_value));
        const auto value = TRY(Digest::from_bytes(HashAlgorithm::sha256, bytes));
        known.journal_anchor = {value, static_cast<std::uint64_t>(state.journal_counter)};
    }
    if (!state.ima.empty()) known.ima = TRY(decode_ima_state(TRY(bytes_from_column(state.ima))));
    return host;
}

}  // namespace

std::vector<HeldSection> read_held_sections(soci::session& sql, const std::string& host) {
    HeldSection row;
    soci::statement statement =
        (sql.prepare << "SELECT name, digest FROM host_sections WHERE host = :host ORDER BY name",
         soci::use(host), soci::into(row.name), soci::into(row.digest));
    statement.execute();
    std::vector<HeldSection> all;
    while (statement.fetch()) all.push_back(row);
    return all;
}

// The first of its statements reads what says whether the rest still stands: whatever changes between them is
// refused when something is stored that was made from it.
Result<Host> Store::host(const std::string& name) {
    return database_->read([&](soci::session& sql) -> Result<Host> {
        Host host;
        State state;
        Text text;
        sql << "SELECT h.name, h.enrolled_at, h.ek_digest, h.ak_digest, encode(h.ek_public, 'hex'), "
               "encode(h.ak_public, 'hex'), encode(h.ek_certificates, 'hex'), h.iak, h.idevid, s.revision, "
               "s.told, s.attested_at, s.watched_until_ms, "
               "s.clock_ms, s.reset_count, s.restart_count, s.journal_sequence, s.journal_head, "
               "s.journal_value, s.journal_counter, s.ima_state "
               "FROM hosts h JOIN host_state s ON s.host = h.name WHERE h.name = :name",
            soci::use(name), soci::into(host.identity.host), soci::into(host.enrolled_at),
            soci::into(host.identity.ek_digest), soci::into(host.identity.ak_digest), soci::into(text.ek),
            soci::into(text.ak), soci::into(text.certificates), soci::into(text.iak), soci::into(text.idevid),
            soci::into(host.revision), soci::into(host.told), soci::into(host.attested_at),
            soci::into(host.watched_until_ms), soci::into(state.clock_ms), soci::into(state.reset_count),
            soci::into(state.restart_count), soci::into(state.journal_sequence),
            soci::into(state.journal_head), soci::into(state.journal_value),
            soci::into(state.journal_counter), soci::into(state.ima);
        if (!sql.got_data()) return fail(ErrorCode::not_found, "no host of this name is enrolled");
        auto out = TRY(assembled(std::move(host), text, state));
        add_admission(sql, out.known);
        if (const auto newest = newest_names(sql, name, out.revision)) {
            out.conclusion = newest->conclusion;
            out.known.previous =
                TRY(Digest::from_bytes(HashAlgorithm::sha256, TRY(bytes_from_column(newest->id))));
        }
        out.labels = labels_of(sql, name);
        out.known.delivery = TRY(newest_delivery(sql, name, out.identity.ek_digest));
        out.none = none_of(sql, name);
        RememberedHost remembered{.host = std::move(out), .held = {}};
        for (auto& each : read_held_sections(sql, name))
            remembered.held.emplace(std::move(each.name), std::move(each.digest));
        known_hosts_->put(remembered);
        return std::move(remembered.host);
    });
}

std::optional<RememberedHost> Store::remembered(const std::string& name) {
    return known_hosts_->find(name);
}

Result<std::optional<EnrolledKey>> Store::attestation_key(const std::string& host) {
    return database_->read([&](soci::session& sql) -> Result<std::optional<EnrolledKey>> {
        std::string hex;
        sql << "SELECT encode(ak_public, 'hex') FROM hosts WHERE name = :name", soci::use(host),
            soci::into(hex);
        if (!sql.got_data()) return std::optional<EnrolledKey>();
        auto key = TRY(bytes_from_column(hex));
        return std::optional(EnrolledKey{.ak_public = std::move(key), .labels = labels_of(sql, host)});
    });
}

Result<std::vector<HostSummary>> Store::hosts() {
    return database_->read([&](soci::session& sql) -> Result<std::vector<HostSummary>> {
        HostSummary row;
        soci::statement statement =
            (sql.prepare << std::string(kSummary) + " ORDER BY h.name", soci::into(row.host),
             soci::into(row.enrolled_at), soci::into(row.ek_digest), soci::into(row.tier),
             soci::into(row.appraised_at), soci::into(row.result_id));
        statement.execute();
        std::vector<HostSummary> all;
        while (statement.fetch()) all.push_back(row);
        return all;
    });
}

Result<HostSummary> Store::host_summary(const std::string& name) {
    return database_->read([&](soci::session& sql) -> Result<HostSummary> {
        HostSummary row;
        sql << std::string(kSummary) + " WHERE h.name = :name", soci::use(name), soci::into(row.host),
            soci::into(row.enrolled_at), soci::into(row.ek_digest), soci::into(row.tier),
            soci::into(row.appraised_at), soci::into(row.result_id);
        if (!sql.got_data()) return fail(ErrorCode::not_found, "no host of this name is enrolled");
        return row;
    });
}

Result<std::uint64_t> Store::count_hosts() {
    return database_->read([&](soci::session& sql) -> Result<std::uint64_t> {
        std::int64_t count = 0;
        sql << "SELECT COUNT(*) FROM hosts", soci::into(count);
        return static_cast<std::uint64_t>(count);
    });
}

Result<std::vector<HeldSection>> Store::held_sections(const std::string& host) {
    return database_->read([&](soci::session& sql) -> Result<std::vector<HeldSection>> {
        return read_held_sections(sql, host);
    });
}

Result<Bytes> Store::held_section(const std::string& host, const std::string& digest) {
    return database_->read([&](soci::session& sql) -> Result<Bytes> {
        std::string small;
        std::string large;
        std::int64_t is_large = 0;
        sql << "SELECT encode(h.bytes, 'hex'), COALESCE(encode(s.bytes, 'hex'), ''), CASE WHEN s.digest IS "
               "NULL THEN 0 ELSE 1 END FROM host_sections h LEFT JOIN sections s ON s.digest = h.digest "
               "WHERE h.host = :host AND h.digest = :digest LIMIT 1",
            soci::use(host), soci::use(digest), soci::into(small), soci::into(large), soci::into(is_large);
        if (!sql.got_data() || (small.empty() && is_large == 0))
            return fail(ErrorCode::not_found, "the host holds no such section");
        return bytes_from_column(small.empty() ? large : small);
    });
}

}  // namespace assay::store
