#include <algorithm>

#include <fmt/core.h>

#include "evidence/base/hex.h"
#include "verifier/service/store/columns.h"
#include "verifier/service/store/engine/database.h"
#include "verifier/service/store/engine/select.h"
#include "verifier/service/store/hosts/replace_identity.h"
#include "verifier/service/store/store.h"

namespace assay::store {
namespace {

constexpr const char* kSelectReplacement =
    "SELECT id, host, reason, ordered_by, ordered_at, expires_at, tpm_digest, done_at, old_ek_digest, "
    "old_ak_digest, new_ek_digest, new_ak_digest, released_at, released_by, release_reason FROM "
    "replacements";

std::vector<Replacement> rows_of(soci::session& sql, Select& select) {
    Replacement row;
    auto statement = select.prepare(
        sql, soci::into(row.id), soci::into(row.host), soci::into(row.reason), soci::into(row.ordered_by),
        soci::into(row.ordered_at), soci::into(row.expires_at), soci::into(row.tpm_digest),
        soci::into(row.done_at), soci::into(row.old_ek_digest), soci::into(row.old_ak_digest),
        soci::into(row.new_ek_digest), soci::into(row.new_ak_digest), soci::into(row.released_at),
        soci::into(row.released_by), soci::into(row.release_reason));
    statement.execute();
    std::vector<Replacement> rows;
    while (statement.fetch()) rows.push_back(row);
    return rows;
}

Result<Replacement> by_id(soci::session& sql, const std::string& id) {
    Select select(kSelectReplacement);
    const auto rows = rows_of(sql, select.where("id = :id", id));
    if (rows.empty()) return fail(ErrorCode::not_found, "no such replacement");
    return rows.front();
}

std::vector<Replacement> all_of(soci::session& sql, const std::optional<std::string>& host) {
    Select select(kSelectReplacement);
    return rows_of(sql, select.where_if("host = :host", host).order_by("ordered_at DESC, id"));
}

/// What the host was until now, kept in the replacement that ends it.
Result<> keep_old_identity(soci::session& sql, const Enrolment& enrolment, std::int64_t now) {
    const auto& identity = enrolment.identity;
    const auto done = rows_changed(
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
        soci::use(now), soci::use(identity.ek_digest), soci::use(identity.ak_digest),
        soci::use(enrolment.replacement), soci::use(identity.host), soci::use(now));
    if (done != 1) return fail(ErrorCode::conflict, "replacement: the order is over; order it again");
    return {};
}

/// Keys of the old identity that the new one has too (one TPM with a new AK) go on, the others are retired.
void retire_keys(soci::session& sql, const Enrolment& enrolment) {
    const auto& identity = enrolment.identity;
    std::vector<std::string> active;
    std::string digest;
    {
        soci::statement statement =
            (sql.prepare << "SELECT digest FROM identity_keys WHERE host = :host AND retired_by = ''",
             soci::use(identity.host), soci::into(digest));
        statement.execute();
        while (statement.fetch()) active.push_back(digest);
    }
    for (const auto& key : active) {
        const bool goes_on = key == identity.ek_digest || key == identity.ak_digest ||
                             std::ranges::find(identity.other_eks, key) != identity.other_eks.end();
        if (goes_on) continue;
        sql << "UPDATE identity_keys SET retired_by = :replacement WHERE digest = :digest",
            soci::use(enrolment.replacement), soci::use(key);
    }
}

/// The revision moves too, so that an attestation of the old TPM that is being appraised now is not stored as
/// one of the new.
void begin_anew(soci::session& sql, const Enrolment& enrolment) {
    const auto& host = enrolment.identity.host;
    sql << "INSERT INTO retired_journal_records (replacement, host, sequence, digest, record, result_id) "
           "SELECT :replacement, host, sequence, digest, record, result_id FROM journal_records WHERE host = "
           ":host",
        soci::use(enrolment.replacement), soci::use(host);
    sql << "DELETE FROM journal_records WHERE host = :host", soci::use(host);
    sql << "DELETE FROM host_sections WHERE host = :host", soci::use(host);
    sql << "UPDATE host_state SET revision = revision + 1, clock_ms = 0, reset_count = 0, restart_count = 0, "
           "journal_sequence = 0, journal_head = '', journal_value = '', journal_counter = 0, ima_state = '' "
           "WHERE host = "
           ":host",
        soci::use(host);
}

}  // namespace

Result<> replace_identity(soci::session& sql, const Enrolment& enrolment, std::int64_t now) {
    const auto& identity = enrolment.identity;
    hold_host(sql, identity.host);
    TRY_VOID(keep_old_identity(sql, enrolment, now));
    retire_keys(sql, enrolment);
    begin_anew(sql, enrolment);
    const auto ek = to_hex(identity.ek_public);
    const auto ak = to_hex(identity.ak_public);
    const auto certificates = to_hex(encode_list(identity.ek_certificates));
    const auto iak = device_key_column(identity.iak);
    const auto idevid = device_key_column(identity.idevid);
    sql << "UPDATE hosts SET enrolled_at = :now, ek_digest = :ek_digest, ak_digest = :ak_digest, "
           "ek_public = decode(:ek, 'hex'), ak_public = decode(:ak, 'hex'), "
           "ek_certificates = decode(:certificates, 'hex'), iak = :iak, idevid = :idevid WHERE name = :name",
        soci::use(now), soci::use(identity.ek_digest), soci::use(identity.ak_digest), soci::use(ek),
        soci::use(ak), soci::use(certificates), soci::use(iak), soci::use(idevid), soci::use(identity.host);
    // The purchase list named the TPM that is gone.
    sql << "UPDATE registrations SET tpm_digest = :digest WHERE host = :host", soci::use(identity.ek_digest),
        soci::use(identity.host);
    return {};
}

Result<> Store::order_replacement(const Replacement& order) {
    return database_->write([&](soci::session& sql) -> Result<> {
        if (!hold_host(sql, order.host))
            return fail(ErrorCode::not_found, "no host of this name is enrolled");
        sql << "UPDATE replacements SET expires_at = :now WHERE host = :host AND done_at = 0 AND expires_at "
               "> "
               ":until",
            soci::use(order.ordered_at), soci::use(order.host), soci::use(order.ordered_at);
        sql << "INSERT INTO replacements (id, host, reason, ordered_by, ordered_at, expires_at, tpm_digest, "
               "done_at, old_ek_digest, old_ak_digest, new_ek_digest, new_ak_digest, old_enrolled_at, "
               "old_ek_public, old_ak_public, old_ek_certificates, released_at, released_by, release_reason) "
               "VALUES (:id, :host, :reason, :who, :at, :expires, :tpm_digest, 0, '', '', '', '', 0, "
               "decode('', 'hex'), decode('', 'hex'), decode('', 'hex'), 0, '', '')",
            soci::use(order.id), soci::use(order.host), soci::use(order.reason), soci::use(order.ordered_by),
            soci::use(order.ordered_at), soci::use(order.expires_at), soci::use(order.tpm_digest);
        return {};
    });
}

Result<Replacement> Store::pending_replacement(const std::string& host, std::int64_t now) {
    return database_->read([&](soci::session& sql) -> Result<Replacement> {
        for (const auto& each : all_of(sql, host)) {
            if (each.done_at == 0 && each.expires_at > now) return each;
        }
        return fail(ErrorCode::not_found, "no replacement of this host's TPM is ordered");
    });
}

Result<std::vector<Replacement>> Store::replacements(const std::optional<std::string>& host) {
    return database_->read(
        [&](soci::session& sql) -> Result<std::vector<Replacement>> { return all_of(sql, host); });
}

Result<Replacement> Store::release_replaced(const std::string& id, const std::string& who,
                                            const std::string& reason, std::int64_t now) {
    return database_->write([&](soci::session& sql) -> Result<Replacement> {
        const auto found = TRY(by_id(sql, id));
        if (found.done_at == 0) return fail(ErrorCode::not_found, "this replacement was not carried out");
        const auto rows = rows_changed(sql,
                                       "UPDATE replacements SET released_at = :now, released_by = :who, "
                                       "release_reason = :reason WHERE id = :id AND released_at = 0",
                                       soci::use(now), soci::use(who), soci::use(reason), soci::use(id));
        if (rows != 1) return fail(ErrorCode::conflict, "the TPM of this replacement is released already");
        sql << "DELETE FROM identity_keys WHERE retired_by = :id", soci::use(id);
        return by_id(sql, id);
    });
}

}  // namespace assay::store
