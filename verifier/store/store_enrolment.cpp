#include <fmt/core.h>

#include "evidence/base/hex.h"
#include "verifier/store/columns.h"
#include "verifier/store/database.h"
#include "verifier/store/store.h"

namespace assay::store {
namespace {

/// Identities that share a name, an EK or an AK with `wanted` and are not the same. A refusal, never an
/// update.
Result<> no_other_identity(soci::session& sql, const Identity& wanted) {
    Identity found;
    soci::statement statement =
        (sql.prepare << "SELECT name, ek_digest, ak_digest FROM hosts "
                        "WHERE name = :name OR ek_digest = :ek OR ak_digest = :ak ORDER BY name",
         soci::use(wanted.host), soci::use(wanted.ek_digest), soci::use(wanted.ak_digest),
         soci::into(found.host), soci::into(found.ek_digest), soci::into(found.ak_digest));
    statement.execute();
    std::string reasons;
    while (statement.fetch()) {
        const bool same_name = found.host == wanted.host;
        if (same_name && found.ek_digest == wanted.ek_digest && found.ak_digest == wanted.ak_digest) continue;
        if (!reasons.empty()) reasons += "; ";
        if (same_name && found.ek_digest != wanted.ek_digest) {
            reasons += fmt::format("'{}' is enrolled with another TPM (EK {})", found.host, found.ek_digest);
        } else if (same_name) {
            reasons += fmt::format("'{}' is enrolled with another AK ({})", found.host, found.ak_digest);
        } else {
            const bool same_ek = found.ek_digest == wanted.ek_digest;
            const bool same_ak = found.ak_digest == wanted.ak_digest;
            reasons += fmt::format("this TPM's {} is enrolled as '{}'",
                                   same_ek && same_ak ? "EK and AK" : (same_ek ? "EK" : "AK"), found.host);
        }
    }
    if (reasons.empty()) return {};
    return fail(ErrorCode::conflict, "identity: " + reasons);
}

}  // namespace

Result<> Store::add_token(const Token& token) {
    return database_->write([&](soci::session& sql) -> Result<> {
        const auto rows = rows_changed(
            sql,
            "INSERT INTO tokens (digest, host, created_by, created_at, expires_at, spent_at) "
            "VALUES (:digest, :host, :created_by, :created_at, :expires_at, 0) ON CONFLICT DO NOTHING",
            soci::use(token.digest), soci::use(token.host), soci::use(token.created_by),
            soci::use(token.created_at), soci::use(token.expires_at));
        if (rows != 1) return fail(ErrorCode::conflict, "a token with this digest is there already");
        return {};
    });
}

Result<Token> Store::token(const std::string& digest) {
    return database_->read([&](soci::session& sql) -> Result<Token> {
        Token token;
        sql << "SELECT digest, host, created_by, created_at, expires_at, spent_at FROM tokens "
               "WHERE digest = :digest",
            soci::use(digest), soci::into(token.digest), soci::into(token.host), soci::into(token.created_by),
            soci::into(token.created_at), soci::into(token.expires_at), soci::into(token.spent_at);
        if (!sql.got_data()) return fail(ErrorCode::not_found, "no such token");
        return token;
    });
}

Result<> Store::add_enrolment(const Enrolment& enrolment, std::int64_t now) {
    const auto& identity = enrolment.identity;
    const auto ek = to_hex(identity.ek_public);
    const auto ak = to_hex(identity.ak_public);
    const auto certificates = to_hex(encode_list(identity.ek_certificates));
    return database_->write([&](soci::session& sql) -> Result<> {
        sql << "DELETE FROM enrolments WHERE expires_at <= :now", soci::use(now);
        // One credential at a time for a token: with several, a wrong secret would void only one guess.
        sql << "DELETE FROM enrolments WHERE token_digest = :token AND activated_at = 0",
            soci::use(enrolment.token_digest);
        sql << "INSERT INTO enrolments (id, token_digest, host, ek_digest, ak_digest, ek_public, ak_public, "
               "ek_certificates, secret_digest, expires_at, activated_at) VALUES (:id, :token, :host, "
               ":ek_digest, :ak_digest, decode(:ek, 'hex'), decode(:ak, 'hex'), decode(:certificates, "
               "'hex'), "
               ":secret, :expires_at, 0)",
            soci::use(enrolment.id), soci::use(enrolment.token_digest), soci::use(identity.host),
            soci::use(identity.ek_digest), soci::use(identity.ak_digest), soci::use(ek), soci::use(ak),
            soci::use(certificates), soci::use(enrolment.secret_digest), soci::use(enrolment.expires_at);
        return {};
    });
}

Result<Enrolment> Store::enrolment(const std::string& id) {
    return database_->read([&](soci::session& sql) -> Result<Enrolment> {
        Enrolment out;
        std::string ek;
        std::string ak;
        std::string certificates;
        sql << "SELECT id, token_digest, host, ek_digest, ak_digest, encode(ek_public, 'hex'), "
               "encode(ak_public, 'hex'), encode(ek_certificates, 'hex'), secret_digest, expires_at, "
               "activated_at FROM enrolments WHERE id = :id",
            soci::use(id), soci::into(out.id), soci::into(out.token_digest), soci::into(out.identity.host),
            soci::into(out.identity.ek_digest), soci::into(out.identity.ak_digest), soci::into(ek),
            soci::into(ak), soci::into(certificates), soci::into(out.secret_digest),
            soci::into(out.expires_at), soci::into(out.activated_at);
        if (!sql.got_data()) return fail(ErrorCode::not_found, "no such enrolment");
        out.identity.ek_public = TRY(bytes_from_column(ek));
        out.identity.ak_public = TRY(bytes_from_column(ak));
        out.identity.ek_certificates = TRY(decode_list(TRY(bytes_from_column(certificates))));
        return out;
    });
}

Result<> Store::drop_enrolment(const std::string& id) {
    return database_->write([&](soci::session& sql) -> Result<> {
        sql << "DELETE FROM enrolments WHERE id = :id", soci::use(id);
        return {};
    });
}

Result<> Store::check_identity(const Identity& identity) {
    return database_->read([&](soci::session& sql) { return no_other_identity(sql, identity); });
}

Result<> Store::activate(const Enrolment& enrolment, std::int64_t now) {
    const auto& identity = enrolment.identity;
    const auto ek = to_hex(identity.ek_public);
    const auto ak = to_hex(identity.ak_public);
    const auto certificates = to_hex(encode_list(identity.ek_certificates));
    return database_->write([&](soci::session& sql) -> Result<> {
        // The conditions of both UPDATEs are the locks: of two at once, one changes the row and the other
        // none.
        const auto activated =
            rows_changed(sql, "UPDATE enrolments SET activated_at = :now WHERE id = :id AND activated_at = 0",
                         soci::use(now), soci::use(enrolment.id));
        if (activated != 1) return fail(ErrorCode::conflict, "the enrolment is not pending any more");
        const auto spent =
            rows_changed(sql, "UPDATE tokens SET spent_at = :now WHERE digest = :digest AND spent_at = 0",
                         soci::use(now), soci::use(enrolment.token_digest));
        if (spent != 1) return fail(ErrorCode::conflict, "token: it is spent already");
        const auto added = rows_changed(
            sql,
            "INSERT INTO hosts (name, enrolled_at, ek_digest, ak_digest, ek_public, ak_public, "
            "ek_certificates) VALUES (:name, :now, :ek_digest, :ak_digest, decode(:ek, 'hex'), "
            "decode(:ak, 'hex'), decode(:certificates, 'hex')) ON CONFLICT DO NOTHING",
            soci::use(identity.host), soci::use(now), soci::use(identity.ek_digest),
            soci::use(identity.ak_digest), soci::use(ek), soci::use(ak), soci::use(certificates));
        TRY_VOID(no_other_identity(sql, identity));
        if (added == 1) {
            sql << "INSERT INTO host_state (host, revision, clock_ms, reset_count, restart_count, "
                   "journal_sequence, journal_head) VALUES (:host, 0, 0, 0, 0, 0, '')",
                soci::use(identity.host);
        }
        return {};
    });
}

}  // namespace assay::store
