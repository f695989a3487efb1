#include "verifier/service/store/attestations/attestations.h"

#include <algorithm>
#include <map>

#include <fmt/core.h>

#include "evidence/base/hex.h"
#include "evidence/wire/section/journal.h"
#include "evidence/wire/section/section_names.h"
#include "verifier/service/store/attestations/boot_clocks.h"
#include "verifier/service/store/attestations/occasions.h"
#include "verifier/service/store/attestations/write_boots.h"
#include "verifier/service/store/columns.h"
#include "verifier/service/store/devices/write_devices.h"
#include "verifier/service/store/engine/database.h"
#include "verifier/service/store/site/write_site.h"

namespace assay::store {
namespace {

/// One statement that changes one row, where anything else is a refusal.
Written<> spend_nonce(soci::session& sql, const Attestation& attestation) {
    const auto nonce = to_hex(attestation.evidence.nonce);
    const auto rows = rows_changed(
        sql,
        "INSERT INTO used_nonces (nonce, expires_at) VALUES (:nonce, :expires_at) ON CONFLICT DO NOTHING",
        soci::use(nonce), soci::use(attestation.nonce_expires_at));
    if (rows != 1) return refuse(Refused::nonce_used, "nonce: it was used already; ask for a challenge");
    // What has expired is refused for its age, so remembering it serves nothing. The margin is for other
    // copies' clocks.
    constexpr std::int64_t kMargin_s = 3600;
    const auto before = attestation.result.appraised_at - kMargin_s;
    sql << "DELETE FROM used_nonces WHERE expires_at < :before", soci::use(before);
    return {};
}

std::unexpected<NotWritten> overtaken() {
    return refuse(Refused::moved, "other reports of this host came first; attest again");
}

Written<> advance_revision(soci::session& sql, const Attestation& attestation) {
    const auto next = attestation.revision_before + 1;
    const auto rows = rows_changed(
        sql, "UPDATE host_state SET revision = :next WHERE host = :host AND revision = :before",
        soci::use(next), soci::use(attestation.known_before.name), soci::use(attestation.revision_before));
    if (rows != 1) return overtaken();
    return {};
}

using Digests = std::map<std::string, std::string>;  // section name -> digest

/// Sections as sent that are not what the manifest names: they were judged, so whoever appraises again needs
/// them.
Result<Digests> odd_sections(const Attestation& attestation, const Digests& digests) {
    const auto manifest = decode_manifest(attestation.evidence.manifest);
    if (!manifest && attestation.next.authentic)
        return std::unexpected(manifest.error());  // it was read before
    Digests odd;
    for (const auto& [name, digest] : digests) {
        const auto* entry = manifest ? manifest->find(name) : nullptr;
        if (entry == nullptr || entry->digest.hex() != digest) odd.emplace(name, digest);
    }
    return odd;
}

Digests digests_of(const Attestation& attestation) {
    Digests digests;
    for (const auto& [name, bytes] : attestation.evidence.sections)
        digests.emplace(name, sha256(bytes).hex());
    for (const auto& [name, section] : attestation.held) digests.try_emplace(name, section->digest().hex());
    return digests;
}

/// Null where there is none of this name.
const Bytes* section_of(const Attestation& attestation, std::string_view name) {
    const auto& came = attestation.evidence.sections;
    if (const auto found = came.find(std::string(name)); found != came.end()) return &found->second;
    const auto held = attestation.held.find(name);
    return held == attestation.held.end() ? nullptr : &held->second->bytes();
}

/// Each digest once in the whole store, in ascending order, so that two transactions cannot wait for each
/// other.
void insert_sections(soci::session& sql, const Evidence& evidence, const Digests& digests) {
    std::map<std::string, const Bytes*> by_digest;
    for (const auto& [name, bytes] : evidence.sections) {
        if (!is_small(bytes)) by_digest.emplace(digests.at(name), &bytes);
    }
    for (const auto& [digest, bytes] : by_digest) put_section(sql, digest, *bytes);
}

Result<> insert_attestation(soci::session& sql, const Attestation& attestation, const Digests& digests) {
    const auto& evidence = attestation.evidence;
    OccasionParts parts;
    parts.evidence = {evidence.nonce,        evidence.manifest, evidence.quote, evidence.signature, {},
                      evidence.journal_proof};
    parts.odd = TRY(odd_sections(attestation, digests));
    parts.challenge = attestation.challenge;
    parts.known = attestation.known_before;
    parts.sessions = attestation.sessions;
    parts.said = occasion_of(attestation.result);
    for (const auto& [name, bytes] : evidence.sections) {
        if (is_small(bytes)) parts.evidence.sections.emplace(name, bytes);
    }
    for (const auto& [name, section] : attestation.held) {
        if (is_small(section->bytes())) parts.evidence.sections.try_emplace(name, section->bytes());
    }
    return write_occasion(sql, {attestation.result, parts, attestation.result_id, attestation.conclusion,
                                attestation.revision_before + 1});
}

/// What the host need not send again: its newest sections, and no older ones.
void replace_held_sections(soci::session& sql, const Attestation& attestation, Digests wanted) {
    const auto& host = attestation.known_before.name;
    HeldSection row;
    std::vector<HeldSection> held;
    {
        soci::statement statement =
            (sql.prepare << "SELECT name, digest FROM host_sections WHERE host = :host", soci::use(host),
             soci::into(row.name), soci::into(row.digest));
        statement.execute();
        while (statement.fetch()) held.push_back(row);
    }
    for (const auto& old : held) {
        const auto same = wanted.find(old.name);
        if (same != wanted.end() && same->second == old.digest) {
            wanted.erase(same);
            continue;
        }
        sql << "DELETE FROM host_sections WHERE host = :host AND name = :name", soci::use(host),
            soci::use(old.name);
    }
    for (const auto& [name, digest] : wanted) {
        const auto& bytes = *section_of(attestation, name);
        const auto small = is_small(bytes) ? to_hex(bytes) : "";
        sql << "INSERT INTO host_sections (host, name, digest, bytes) VALUES (:host, :name, :digest, "
               "decode(:bytes, 'hex'))",
            soci::use(host), soci::use(name), soci::use(digest), soci::use(small);
    }
}

/// The records that the appraisal accepted: those after what was known, up to the head it now knows.
Result<> insert_journal(soci::session& sql, const Attestation& attestation) {
    const auto& known = attestation.known_before;
    const auto& next = attestation.next;
    const auto* section = section_of(attestation, section::kJournal);
    if (section == nullptr || next.journal_sequence <= known.journal_sequence) return {};
    const auto journal = TRY(decode_journal_section(*section));
    for (const auto& encoded : journal.records) {
        const auto record = TRY(decode_journal_record(encoded));
        if (record.sequence <= known.journal_sequence || record.sequence > next.journal_sequence) continue;
        const auto sequence = static_cast<std::int64_t>(record.sequence);
        const auto digest = journal_digest(encoded).hex();
        const auto hex = to_hex(encoded);
        const auto rows = rows_changed(
            sql,
            "INSERT INTO journal_records (host, sequence, digest, record, result_id) VALUES (:host, "
            ":sequence, :digest, decode(:record, 'hex'), :result_id) ON CONFLICT DO NOTHING",
            soci::use(known.name), soci::use(sequence), soci::use(digest), soci::use(hex),
            soci::use(attestation.result_id));
        if (rows != 1) {
            return fail(ErrorCode::internal,
                        fmt::format("journal: record {} of '{}' is stored already", sequence, known.name));
        }
    }
    return {};
}

void update_known(soci::session& sql, const Attestation& attestation) {
    const auto& next = attestation.next;
    const auto clock = static_cast<std::int64_t>(next.clock_ms);
    const auto resets = static_cast<std::int64_t>(next.reset_count);
    const auto restarts = static_cast<std::int64_t>(next.restart_count);
    const auto sequence = static_cast<std::int64_t>(next.journal_sequence);
    const auto head = to_hex(next.journal_head);
    const auto value = next.journal_anchor ? next.journal_anchor->value.hex() : "";
    const auto counter = static_cast<std::int64_t>(next.journal_anchor ? next.journal_anchor->counter : 0);
    const auto ima = next.ima ? to_hex(encode_ima_state(*next.ima)) : "";
    sql << "UPDATE host_state SET clock_ms = :clock, reset_count = :resets, restart_count = :restarts, "
           "journal_sequence = :sequence, journal_head = :head, journal_value = :value, journal_counter = "
           ":counter, ima_state = :ima "
           "WHERE host = :host",
        soci::use(clock), soci::use(resets), soci::use(restarts), soci::use(sequence), soci::use(head),
        soci::use(value), soci::use(counter), soci::use(ima), soci::use(attestation.known_before.name);
    if (next.boot_clock)
        keep_boot_clock(sql, attestation.known_before.name, *next.boot_clock,
                        attestation.revision_before + 1);
}

}  // namespace

Result<bool> Attestations::nonce_used(ByteView nonce) {
    const auto hex = to_hex(nonce);
    return database_.read([&](soci::session& sql) -> Result<bool> {
        std::int64_t count = 0;
        sql << "SELECT COUNT(*) FROM used_nonces WHERE nonce = :nonce", soci::use(hex), soci::into(count);
        return count != 0;
    });
}

Written<> Attestations::add(const Attestation& attestation) {
    return database_.write([&](soci::session& sql) -> Written<> {
        TRY_VOID(spend_nonce(sql, attestation));
        TRY_VOID(advance_revision(sql, attestation));
        auto digests = digests_of(attestation);
        insert_sections(sql, attestation.evidence, digests);
        TRY_VOID(insert_attestation(sql, attestation, digests));
        if (!attestation.next.authentic) return {};
        TRY_VOID(insert_journal(sql, attestation));
        replace_held_sections(sql, attestation, std::move(digests));
        update_known(sql, attestation);
        write_devices(sql, attestation.known_before.name, attestation.devices,
                      attestation.next.journal_sequence, attestation.result.appraised_at);
        TRY_VOID(write_site(sql, attestation.events));
        if (attestation.quoted)
            write_boots(sql, attestation.known_before.name, *attestation.quoted,
                        attestation.result.appraised_at);
        if (!write_inventory(
                sql, attestation.known_before.name,
                attestation.components ? *attestation.components : std::vector<judge::HostComponent>(),
                attestation.result.appraised_at))
            return overtaken();
        return {};
    });
}

}  // namespace assay::store
