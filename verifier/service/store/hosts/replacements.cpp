#include <algorithm>

#include "evidence/codec/json_writer.h"
#include "verifier/service/store/acts/act.h"
#include "verifier/service/store/columns.h"
#include "verifier/service/store/engine/database.h"
#include "verifier/service/store/engine/select.h"
#include "verifier/service/store/hosts/admission.h"
#include "verifier/service/store/hosts/identity.h"

namespace assay::store {
namespace {

constexpr const char* kSelectReplacement =
    "SELECT id, host, reason, ordered_by, ordered_at, expires_at, tpm_digest, done_at, old_ek_digest, "
    "old_ak_digest, new_ek_digest, new_ak_digest, released_at, released_by, release_reason FROM "
    "replacements";

auto replacement_columns(Replacement& row) {
    return std::tie(row.id, row.host, row.reason, row.ordered_by, row.ordered_at, row.expires_at,
                    row.tpm_digest, row.done_at, row.old_ek_digest, row.old_ak_digest, row.new_ek_digest,
                    row.new_ak_digest, row.released_at, row.released_by, row.release_reason);
}

Result<Replacement> by_id(soci::session& sql, const std::string& id) {
    return found(Query(sql, std::string(kSelectReplacement) + " WHERE id = :id", id)
                     .first<Replacement>(replacement_columns),
                 "no such replacement");
}

/// What the host was until now, kept in the replacement that ends it.
Result<> keep_old_identity(soci::session& sql, const Enrolment& enrolment, std::int64_t now) {
    const auto& identity = enrolment.identity;
    const auto done = execute(
        sql,
        "UPDATE replacements SET done_at = :now, new_ek_digest = :ek, new_ak_digest = :ak, "
        "old_ek_digest = (SELECT ek_digest FROM hosts h WHERE h.name = replacements.host), "
        "old_ak_digest = (SELECT ak_digest FROM hosts h WHERE h.name = replacements.host), "
        "old_enrolled_at = (SELECT enrolled_at FROM hosts h WHERE h.name = replacements.host), "
        "old_ek_public = (SELECT ek_public FROM hosts h WHERE h.name = replacements.host), "
        "old_ak_public = (SELECT ak_public FROM hosts h WHERE h.name = replacements.host), "
        "old_ek_certificates = (SELECT ek_certificates FROM hosts h WHERE h.name = replacements.host), "
        "old_iak = (SELECT iak FROM hosts h WHERE h.name = replacements.host), "
        "old_idevid = (SELECT idevid FROM hosts h WHERE h.name = replacements.host) "
        "WHERE id = :id AND host = :host AND done_at = 0 AND expires_at > :until",
        now, identity.ek_digest, identity.ak_digest, enrolment.replacement, identity.host, now);
    if (done != 1) return fail(ErrorCode::conflict, "replacement: the order is over; order it again");
    return {};
}

/// Keys of the old identity that the new one has too (one TPM with a new AK) go on, the others are retired.
void retire_keys(soci::session& sql, const Enrolment& enrolment) {
    const auto& identity = enrolment.identity;
    const auto active =
        Query(sql, "SELECT digest FROM identity_keys WHERE host = :host AND retired_by = ''", identity.host)
            .values<std::string>();
    for (const auto& key : active) {
        const bool goes_on = key == identity.ek_digest || key == identity.ak_digest ||
                             std::ranges::find(identity.other_eks, key) != identity.other_eks.end();
        if (goes_on) continue;
        execute(sql, "UPDATE identity_keys SET retired_by = :replacement WHERE digest = :digest",
                enrolment.replacement, key);
    }
}

/// The revision moves too, so that an attestation of the old TPM that is being appraised now is not stored as
/// one of the new. What is open of the host stays: devices are in the machine, whatever its TPM.
void begin_anew(soci::session& sql, const Enrolment& enrolment) {
    const auto& host = enrolment.identity.host;
    execute(
        sql,
        "INSERT INTO retired_journal_records (replacement, host, sequence, digest, record, result_id) "
        "SELECT :replacement, host, sequence, digest, record, result_id FROM journal_records WHERE host = "
        ":host",
        enrolment.replacement, host);
    execute(sql, "DELETE FROM journal_records WHERE host = :host", host);
    execute(sql, "DELETE FROM host_sections WHERE host = :host", host);
    execute(
        sql,
        "UPDATE host_state SET revision = revision + 1, clock_ms = 0, reset_count = 0, restart_count = 0, "
        "journal_sequence = 0, journal_head = '', journal_value = '', journal_counter = 0, ima_state = '', "
        "watch = '', boot_of = '' WHERE host = :host",
        host);
}

}  // namespace

Result<> replace_identity(soci::session& sql, const Enrolment& enrolment, std::int64_t now) {
    const auto& identity = enrolment.identity;
    hold_host(sql, identity.host);
    TRY_VOID(keep_old_identity(sql, enrolment, now));
    retire_keys(sql, enrolment);
    begin_anew(sql, enrolment);
    const auto keys = IdentityColumns::of(identity);
    execute(sql,
            "UPDATE hosts SET enrolled_at = :now, ek_digest = :ek_digest, ak_digest = :ak_digest, "
            "ek_public = decode(:ek, 'hex'), ak_public = decode(:ak, 'hex'), "
            "ek_certificates = decode(:certificates, 'hex'), iak = :iak, idevid = :idevid WHERE name = :name",
            now, identity.ek_digest, identity.ak_digest, keys.ek_public, keys.ak_public, keys.ek_certificates,
            keys.iak, keys.idevid, identity.host);
    // The purchase list named the TPM that is gone.
    execute(sql, "UPDATE registrations SET tpm_digest = :digest WHERE host = :host", identity.ek_digest,
            identity.host);
    return {};
}

Result<> Replacements::order(const Replacement& order) {
    return database_.write([&](soci::session& sql) -> Result<> {
        if (!hold_host(sql, order.host)) return not_enrolled();
        execute(sql,
                "UPDATE replacements SET expires_at = :now WHERE host = :host AND done_at = 0 AND expires_at "
                "> :until",
                order.ordered_at, order.host, order.ordered_at);
        execute(sql,
                "INSERT INTO replacements (id, host, reason, ordered_by, ordered_at, expires_at, tpm_digest, "
                "done_at, old_ek_digest, old_ak_digest, new_ek_digest, new_ak_digest, old_enrolled_at, "
                "old_ek_public, old_ak_public, old_ek_certificates, released_at, released_by, "
                "release_reason) VALUES (:id, :host, :reason, :who, :at, :expires, :tpm_digest, 0, '', '', "
                "'', '', 0, decode('', 'hex'), decode('', 'hex'), decode('', 'hex'), 0, '', '')",
                order.id, order.host, order.reason, order.ordered_by, order.ordered_at, order.expires_at,
                order.tpm_digest);
        constexpr std::int64_t kSecond_ms = 1000;
        write_act(sql,
                  {.kind = ActKind::host_replaced,
                   .hand = "operator:" + order.ordered_by,
                   .subject = "host:" + order.host,
                   .object = order.id,
                   .document = Json{{"reason", order.reason}, {"tpm_digest", order.tpm_digest}}.dump()},
                  order.ordered_at * kSecond_ms);
        return {};
    });
}

Result<Replacement> Replacements::pending(const std::string& host, std::int64_t now) {
    for (auto& each : TRY(list(host))) {
        if (each.done_at == 0 && each.expires_at > now) return std::move(each);
    }
    return fail(ErrorCode::not_found, "no replacement of this host's TPM is ordered");
}

Result<std::vector<Replacement>> Replacements::list(const std::optional<std::string>& host) {
    return database_.read([&](soci::session& sql) {
        Select select(kSelectReplacement);
        select.where_if("host = :host", host).order_by("ordered_at DESC, id");
        return select.on(sql).rows<Replacement>(replacement_columns);
    });
}

Result<Replacement> Replacements::release(const std::string& id, const std::string& who,
                                          const std::string& reason, std::int64_t now) {
    return database_.write([&](soci::session& sql) -> Result<Replacement> {
        const auto found = TRY(by_id(sql, id));
        if (found.done_at == 0) return fail(ErrorCode::not_found, "this replacement was not carried out");
        const auto rows = execute(sql,
                                  "UPDATE replacements SET released_at = :now, released_by = :who, "
                                  "release_reason = :reason WHERE id = :id AND released_at = 0",
                                  now, who, reason, id);
        if (rows != 1) return fail(ErrorCode::conflict, "the TPM of this replacement is released already");
        execute(sql, "DELETE FROM identity_keys WHERE retired_by = :id", id);
        constexpr std::int64_t kSecond_ms = 1000;
        write_act(sql,
                  {.kind = ActKind::host_released,
                   .hand = "operator:" + who,
                   .subject = "host:" + found.host,
                   .object = id,
                   .document = Json{{"reason", reason}}.dump()},
                  now * kSecond_ms);
        return by_id(sql, id);
    });
}

}  // namespace assay::store
