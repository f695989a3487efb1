#include <algorithm>
#include <array>
#include <map>

#include <fmt/core.h>

#include "evidence/base/hex.h"
#include "evidence/wire/journal.h"
#include "evidence/wire/section_names.h"
#include "verifier/store/boot_clocks.h"
#include "verifier/store/columns.h"
#include "verifier/store/database.h"
#include "verifier/store/store.h"
#include "verifier/store/write_boots.h"
#include "verifier/store/write_devices.h"
#include "verifier/store/write_inventory.h"
#include "verifier/store/write_site.h"

namespace assay::store {
namespace {

/// One statement that changes one row, where anything else is a conflict.
Result<> spend_nonce(soci::session& sql, const Attestation& attestation) {
    const auto nonce = to_hex(attestation.evidence.nonce);
    const auto rows = rows_changed(
        sql,
        "INSERT INTO used_nonces (nonce, expires_at) VALUES (:nonce, :expires_at) ON CONFLICT DO NOTHING",
        soci::use(nonce), soci::use(attestation.nonce_expires_at));
    if (rows != 1) return fail(ErrorCode::conflict, "nonce: it was used already");
    // What has expired is refused for its age, so remembering it serves nothing. The margin is for other
    // copies' clocks.
    constexpr std::int64_t kMargin_s = 3600;
    const auto before = attestation.result.appraised_at - kMargin_s;
    sql << "DELETE FROM used_nonces WHERE expires_at < :before", soci::use(before);
    return {};
}

Result<> advance_revision(soci::session& sql, const Attestation& attestation) {
    const auto next = attestation.revision_before + 1;
    const auto rows = rows_changed(
        sql, "UPDATE host_state SET revision = :next WHERE host = :host AND revision = :before",
        soci::use(next), soci::use(attestation.known_before.name), soci::use(attestation.revision_before));
    if (rows != 1) return fail(ErrorCode::conflict, "revision: another attestation of this host came first");
    return {};
}

void insert_attestation(soci::session& sql, const Attestation& attestation) {
    const auto& evidence = attestation.evidence;
    const std::array hex = {to_hex(evidence.nonce),
                            to_hex(evidence.manifest),
                            to_hex(evidence.quote),
                            to_hex(evidence.signature),
                            to_hex(encode_challenge(attestation.challenge)),
                            to_hex(encode_known_host(attestation.known_before))};
    std::vector<Bytes> sessions;
    for (const auto& session : attestation.sessions) sessions.push_back(encode_work_session(session));
    const auto sessions_hex = to_hex(encode_list(sessions));
    const auto revision = attestation.revision_before + 1;
    const auto tier = std::string(to_string(attestation.result.tier));
    const std::int64_t authentic = attestation.next.authentic ? 1 : 0;
    sql << "INSERT INTO attestations (result_id, host, revision, appraised_at, tier, authentic, result, jwt, "
           "nonce, manifest, quote, signature, challenge, known_host, sessions) VALUES (:id, :host, "
           ":revision, "
           ":appraised_at, :tier, :authentic, :result, :jwt, decode(:nonce, 'hex'), decode(:manifest, "
           "'hex'), "
           "decode(:quote, 'hex'), decode(:signature, 'hex'), decode(:challenge, 'hex'), "
           "decode(:known_host, 'hex'), decode(:sessions, 'hex'))",
        soci::use(attestation.result_id), soci::use(attestation.known_before.name), soci::use(revision),
        soci::use(attestation.result.appraised_at), soci::use(tier), soci::use(authentic),
        soci::use(attestation.result_json), soci::use(attestation.jwt), soci::use(hex[0]), soci::use(hex[1]),
        soci::use(hex[2]), soci::use(hex[3]), soci::use(hex[4]), soci::use(hex[5]), soci::use(sessions_hex);
}

void insert_findings(soci::session& sql, const Attestation& attestation) {
    std::int64_t position = 0;
    const auto revision = attestation.revision_before + 1;
    for (const auto& finding : attestation.result.findings) {
        const auto tier = std::string(to_string(finding.tier));
        const auto basis = std::string(to_string(finding.basis));
        const auto group = finding_group_key(finding);
        sql << "INSERT INTO findings (result_id, position, host, revision, appraised_at, id, tier, basis, "
               "subject, expected, actual, evidence, remedy, group_key) VALUES (:result_id, :position, "
               ":host, "
               ":revision, :appraised_at, :id, :tier, :basis, :subject, :expected, :actual, :evidence, "
               ":remedy, :group_key)",
            soci::use(attestation.result_id), soci::use(position), soci::use(attestation.known_before.name),
            soci::use(revision), soci::use(attestation.result.appraised_at), soci::use(finding.id),
            soci::use(tier), soci::use(basis), soci::use(finding.subject), soci::use(finding.expected),
            soci::use(finding.actual), soci::use(finding.evidence), soci::use(finding.remedy),
            soci::use(group);
        ++position;
    }
}

using Digests = std::map<std::string, std::string>;  // section name -> digest

Result<> insert_odd_sections(soci::session& sql, const Attestation& attestation, const Digests& digests) {
    const auto manifest = decode_manifest(attestation.evidence.manifest);
    if (!manifest && attestation.next.authentic)
        return std::unexpected(manifest.error());  // it was read before
    for (const auto& [name, digest] : digests) {
        const auto* entry = manifest ? manifest->find(name) : nullptr;
        if (entry != nullptr && entry->digest.hex() == digest) continue;
        sql << "INSERT INTO odd_sections (result_id, name, digest) VALUES (:result_id, :name, :digest)",
            soci::use(attestation.result_id), soci::use(name), soci::use(digest);
    }
    return {};
}

/// Each digest once in the whole store, in ascending order, so that two transactions cannot wait for each
/// other.
Result<Digests> insert_sections(soci::session& sql, const Attestation& attestation) {
    Digests digests;
    std::map<std::string, const Bytes*> by_digest;
    for (const auto& [name, bytes] : attestation.evidence.sections) {
        const auto digest = sha256(bytes).hex();
        digests.emplace(name, digest);
        by_digest.emplace(digest, &bytes);
    }
    for (const auto& [digest, bytes] : by_digest) {
        std::int64_t there = 0;
        sql << "SELECT COUNT(*) FROM sections WHERE digest = :digest", soci::use(digest), soci::into(there);
        if (there != 0) continue;
        const auto hex = to_hex(*bytes);
        sql << "INSERT INTO sections (digest, bytes) VALUES (:digest, decode(:bytes, 'hex')) "
               "ON CONFLICT DO NOTHING",
            soci::use(digest), soci::use(hex);
    }
    TRY_VOID(insert_odd_sections(sql, attestation, digests));
    return digests;
}

/// What the host need not send again: its newest sections, and no older ones.
void replace_held_sections(soci::session& sql, const std::string& host, Digests wanted) {
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
        sql << "INSERT INTO host_sections (host, name, digest) VALUES (:host, :name, :digest)",
            soci::use(host), soci::use(name), soci::use(digest);
    }
}

/// The records that the appraisal accepted: those after what was known, up to the head it now knows.
Result<> insert_journal(soci::session& sql, const Attestation& attestation) {
    const auto& known = attestation.known_before;
    const auto& next = attestation.next;
    const auto section = attestation.evidence.sections.find(section::kJournal);
    if (section == attestation.evidence.sections.end() || next.journal_sequence <= known.journal_sequence) {
        return {};
    }
    const auto journal = TRY(decode_journal_section(section->second));
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

Result<bool> Store::nonce_used(ByteView nonce) {
    const auto hex = to_hex(nonce);
    return database_->read([&](soci::session& sql) -> Result<bool> {
        std::int64_t count = 0;
        sql << "SELECT COUNT(*) FROM used_nonces WHERE nonce = :nonce", soci::use(hex), soci::into(count);
        return count != 0;
    });
}

Result<> Store::add_attestation(const Attestation& attestation) {
    return database_->write([&](soci::session& sql) -> Result<> {
        TRY_VOID(spend_nonce(sql, attestation));
        TRY_VOID(advance_revision(sql, attestation));
        insert_attestation(sql, attestation);
        insert_findings(sql, attestation);
        auto digests = TRY(insert_sections(sql, attestation));
        if (!attestation.next.authentic) return {};
        TRY_VOID(insert_journal(sql, attestation));
        replace_held_sections(sql, attestation.known_before.name, std::move(digests));
        update_known(sql, attestation);
        write_devices(sql, attestation.known_before.name, attestation.devices,
                      attestation.next.journal_sequence, attestation.result.appraised_at);
        for (const auto& event : attestation.events) put_site_document(sql, event);
        if (attestation.quoted)
            write_boots(sql, attestation.known_before.name, *attestation.quoted,
                        attestation.result.appraised_at);
        return write_inventory(sql, attestation.known_before.name, attestation.components,
                               attestation.result.appraised_at);
    });
}

}  // namespace assay::store
