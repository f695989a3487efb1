#include "verifier/service/store/attestations/attestations.h"

#include <algorithm>
#include <map>

#include <fmt/core.h>

#include "evidence/base/hex.h"
#include "evidence/wire/section/journal.h"
#include "evidence/wire/section/section_names.h"
#include "verifier/service/store/attestations/boot_clocks.h"
#include "verifier/service/store/attestations/held_sections.h"
#include "verifier/service/store/attestations/occasions.h"
#include "verifier/service/store/attestations/write_acts.h"
#include "verifier/service/store/attestations/write_boots.h"
#include "verifier/service/store/attestations/write_secure_boot.h"
#include "verifier/service/store/columns.h"
#include "verifier/service/store/devices/write_devices.h"
#include "verifier/service/store/engine/database.h"
#include "verifier/service/store/engine/query.h"
#include "verifier/service/store/hosts/known_hosts.h"
#include "verifier/service/store/site/write_site.h"

namespace assay::store {
namespace {

/// One statement that changes one row, where anything else is a refusal.
Written<> spend_nonce(soci::session& sql, const Attestation& attestation) {
    const auto nonce = to_hex(attestation.evidence.nonce);
    const auto rows = execute(
        sql,
        "INSERT INTO used_nonces (nonce, expires_at) VALUES (:nonce, :expires_at) ON CONFLICT DO NOTHING",
        nonce, attestation.nonce_expires_at);
    if (rows != 1) return refuse(Refused::nonce_used, "nonce: it was used already; ask for a challenge");
    // What has expired is refused for its age, so remembering it serves nothing. The margin is for other
    // copies' clocks.
    constexpr std::int64_t kMargin_s = 3600;
    const auto before = attestation.result.appraised_at - kMargin_s;
    execute(sql, "DELETE FROM used_nonces WHERE expires_at < :before", before);
    return {};
}

/// As far as a monitor is known to have run, if the journal was accepted that far; never less than before.
std::int64_t watched_until_ms(const Attestation& attestation) {
    const auto& update = attestation.devices;
    const auto known = attestation.watched_before_ms;
    return update.head == attestation.next.journal_sequence ? std::max(known, update.watched_until_ms)
                                                            : known;
}

std::unexpected<NotWritten> overtaken() {
    return refuse(Refused::moved, "other reports of this host came first; attest again");
}

/// The one row that every report moves, if it is still as the appraisal found it.
Written<> advance(soci::session& sql, const Attestation& attestation) {
    const auto& before = attestation.known_before;
    const auto& next = attestation.next;
    const auto revision = attestation.revision_before + 1;
    if (!next.authentic) {
        const auto rows =
            execute(sql,
                    "UPDATE host_state SET revision = :next WHERE host = :host AND revision = :before "
                    "AND told = :told",
                    revision, before.name, attestation.revision_before, attestation.told_before);
        if (rows != 1) return overtaken();
        return {};
    }
    const auto sequence = static_cast<std::int64_t>(next.journal_sequence);
    const auto head = to_hex(next.journal_head);
    const auto value = next.journal_anchor ? next.journal_anchor->value.hex() : "";
    const auto counter = static_cast<std::int64_t>(next.journal_anchor ? next.journal_anchor->counter : 0);
    const auto ima = next.ima ? to_hex(encode_ima_state(*next.ima)) : "";
    const auto& stretch = next.boot_clock ? next.boot_clock : before.boot_clock;
    const auto newest = stretch ? stretch->newest : ClockPoint();
    const auto watched = watched_until_ms(attestation);
    const auto open = next.open.empty() ? "" : to_hex(encode_open_matters(next.open));
    const auto watch = next.watch ? to_hex(encode_watch_point(*next.watch)) : "";
    const auto rows = execute(
        sql,
        "UPDATE host_state SET revision = :next, clock_ms = :clock, reset_count = :resets, restart_count = "
        ":restarts, journal_sequence = :sequence, journal_head = :head, journal_value = :value, "
        "journal_counter = :counter, ima_state = :ima, newest_tpm_ms = :ms, newest_not_before = :from, "
        "newest_not_after = :to, attested_at = :at, watched_until_ms = :watched, open_matters = :open, "
        "open_more = :more, watch = :watch, boot_of = :boot "
        "WHERE host = :host AND revision = :before AND told = :told",
        revision, next.clock_ms, next.reset_count, next.restart_count, sequence, head, value, counter, ima,
        newest.tpm_ms, newest.not_before, newest.not_after, attestation.result.appraised_at, watched, open,
        next.open_more, watch, attestation.boot_of, before.name, attestation.revision_before,
        attestation.told_before);
    if (rows != 1) return overtaken();
    if (next.boot_clock && !(before.boot_clock && goes_on(*before.boot_clock, *next.boot_clock)))
        begin_boot_clock(sql, before.name, before.boot_clock, *next.boot_clock, revision);
    return {};
}

const std::vector<judge::HostComponent> kNoParts;

/// Sections as sent that are not what the manifest names: they were judged, so whoever appraises again needs
/// them.
Result<SectionDigests> odd_sections(const Attestation& attestation, const SectionDigests& digests) {
    const auto manifest = decode_manifest(attestation.evidence.manifest);
    if (!manifest && attestation.next.authentic)
        return std::unexpected(manifest.error());  // it was read before
    SectionDigests odd;
    for (const auto& [name, digest] : digests) {
        const auto* entry = manifest ? manifest->find(name) : nullptr;
        if (entry == nullptr || entry->digest.hex() != digest) odd.emplace(name, digest);
    }
    return odd;
}

SectionDigests digests_of(const Attestation& attestation) {
    SectionDigests digests;
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
void insert_sections(soci::session& sql, const Evidence& evidence, const SectionDigests& digests) {
    std::map<std::string, const Bytes*> by_digest;
    for (const auto& [name, bytes] : evidence.sections) {
        if (!is_small(bytes)) by_digest.emplace(digests.at(name), &bytes);
    }
    for (const auto& [digest, bytes] : by_digest) put_section(sql, digest, *bytes);
}

Result<Standing> insert_attestation(soci::session& sql, const Attestation& attestation,
                                    const SectionDigests& digests, const RememberedHost* before) {
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
                                attestation.revision_before + 1, attestation.conclusion_before,
                                before ? before->standing : std::nullopt});
}

/// What the host need not send again: its newest sections, and no older ones.
void replace_held_sections(soci::session& sql, const Attestation& attestation, const SectionDigests& held,
                           const SectionDigests& wanted) {
    const auto& host = attestation.known_before.name;
    for (const auto& [name, digest] : held) {
        if (!wanted.contains(name))
            execute(sql, "DELETE FROM host_sections WHERE host = :host AND name = :name", host, name);
    }
    for (const auto& [name, digest] : wanted) {
        const auto same = held.find(name);
        if (same != held.end() && same->second == digest) continue;
        const auto& bytes = *section_of(attestation, name);
        const auto small = is_small(bytes) ? to_hex(bytes) : "";
        execute(sql,
                "INSERT INTO host_sections (host, name, digest, bytes) VALUES (:host, :name, :digest, "
                "decode(:bytes, 'hex')) ON CONFLICT (host, name) DO UPDATE SET digest = excluded.digest, "
                "bytes = excluded.bytes",
                host, name, digest, small);
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
        const auto rows =
            execute(sql,
                    "INSERT INTO journal_records (host, sequence, digest, record, result_id) VALUES (:host, "
                    ":sequence, :digest, decode(:record, 'hex'), :result_id) ON CONFLICT DO NOTHING",
                    known.name, sequence, digest, hex, attestation.result_id);
        if (rows != 1) {
            return fail(ErrorCode::internal,
                        fmt::format("journal: record {} of '{}' is stored already", sequence, known.name));
        }
    }
    return {};
}

/// What is remembered of the host once the transaction is kept, beside what the attestation says itself.
struct Next {
    SectionDigests held;
    std::optional<Standing> standing;
    std::string boots, inventory, secure_boot;
};

/// Nothing of it is looked for where it is remembered, and none of it written where it is as it was.
Written<> write_rows(soci::session& sql, const Attestation& attestation, const RememberedHost* before,
                     Next& next, std::vector<WrittenDocument>& written) {
    TRY_VOID(spend_nonce(sql, attestation));
    TRY_VOID(advance(sql, attestation));
    next.held = digests_of(attestation);
    insert_sections(sql, attestation.evidence, next.held);
    next.standing = TRY(insert_attestation(sql, attestation, next.held, before));
    if (!attestation.next.authentic) return {};
    const auto& host = attestation.known_before.name;
    const auto at = attestation.result.appraised_at;
    TRY_VOID(insert_journal(sql, attestation));
    if (before == nullptr)
        replace_held_sections(sql, attestation, read_held_sections(sql, host), next.held);
    else if (before->held != next.held)
        replace_held_sections(sql, attestation, before->held, next.held);
    write_devices(sql, attestation.devices, attestation.next.journal_sequence);
    written = TRY(write_site(sql, attestation.events));
    settle_events(sql, attestation.settled);
    if (attestation.quoted) {
        next.boots = boot_digest(*attestation.quoted);
        if (!before || before->boots != next.boots) write_boots(sql, host, *attestation.quoted, at);
    }
    if (attestation.secure_boot) {
        next.secure_boot = attestation.secure_boot->mark;
        if (!before || before->secure_boot != next.secure_boot)
            TRY_VOID(write_secure_boot(sql, host, *attestation.secure_boot, at));
    }
    const auto& parts = attestation.components ? *attestation.components : kNoParts;
    next.inventory = attestation.inventory.empty() ? inventory_digest(parts) : attestation.inventory;
    if (before && before->inventory == next.inventory) return {};
    if (!write_inventory(sql, host, parts, attestation.attested_before, at)) return overtaken();
    return {};
}

Written<> write_all(soci::session& sql, const Attestation& attestation, const RememberedHost* before,
                    Next& next) {
    std::vector<WrittenDocument> written;
    TRY_VOID(write_rows(sql, attestation, before, next, written));
    write_acts(sql, attestation, written);
    return {};
}

RememberedHost remembered_after(const Attestation& attestation, RememberedHost out, Next next) {
    const auto& known = attestation.next;
    auto& host = out.host;
    ++host.revision;
    host.conclusion = attestation.conclusion;
    host.attested_at = attestation.result.appraised_at;
    host.watched_until_ms = watched_until_ms(attestation);
    host.none.open_events = host.none.open_events && attestation.events.empty();
    host.none.open_stays = host.none.open_stays && attestation.devices.sightings.empty();
    host.known.last_clock_ms = known.clock_ms;
    host.known.last_reset_count = known.reset_count;
    host.known.last_restart_count = known.restart_count;
    host.known.journal_sequence = known.journal_sequence;
    host.known.journal_head = known.journal_head;
    host.known.journal_anchor = known.journal_anchor;
    host.known.ima = known.ima;
    host.known.open = known.open.empty() ? std::nullopt : std::optional(known.open);
    host.known.open_more = known.open_more == 0 ? std::nullopt : std::optional(known.open_more);
    host.known.watch = known.watch;
    host.boot_of = attestation.boot_of;
    host.told_acts = attestation.told_acts;
    if (known.boot_clock) host.known.boot_clock = known.boot_clock;
    const auto id = from_hex(attestation.result_id, attestation.result_id.size());
    host.known.previous = id ? Digest::from_bytes(HashAlgorithm::sha256, *id).value_or(Digest()) : Digest();
    out.held = std::move(next.held);
    out.standing = next.standing;
    if (!next.boots.empty()) out.boots = std::move(next.boots);
    if (!next.secure_boot.empty()) out.secure_boot = std::move(next.secure_boot);
    out.inventory = std::move(next.inventory);
    return out;
}

}  // namespace

Result<bool> Attestations::nonce_used(ByteView nonce) {
    const auto hex = to_hex(nonce);
    return database_.read([&](soci::session& sql) -> Result<bool> {
        std::int64_t count = 0;
        Query(sql, "SELECT COUNT(*) FROM used_nonces WHERE nonce = :nonce", hex).one(count);
        return count != 0;
    });
}

Written<> Attestations::add(const Attestation& attestation) {
    const auto& host = attestation.known_before.name;
    auto before = attestation.remembered;
    if (before == nullptr)
        before = known_hosts_.find(host, attestation.revision_before, attestation.told_before);
    Next next;
    auto written = database_.write(
        [&](soci::session& sql) -> Written<> { return write_all(sql, attestation, before.get(), next); });
    if (written && before && attestation.next.authentic) {
        known_hosts_.put(remembered_after(attestation, *before, std::move(next)));
    } else {
        known_hosts_.drop(host);
    }
    return written;
}

}  // namespace assay::store
