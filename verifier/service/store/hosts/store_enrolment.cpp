#include <algorithm>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "evidence/base/hex.h"
#include "verifier/service/store/columns.h"
#include "verifier/service/store/engine/database.h"
#include "verifier/service/store/hosts/replace_identity.h"
#include "verifier/service/store/store.h"

namespace assay::store {
namespace {

using Kind = IdentityConflict::Kind;

void conflicts_of_name(soci::session& sql, const Identity& wanted, std::vector<IdentityConflict>& found) {
    std::string ek;
    std::string ak;
    sql << "SELECT ek_digest, ak_digest FROM hosts WHERE name = :name", soci::use(wanted.host),
        soci::into(ek), soci::into(ak);
    if (!sql.got_data()) return;
    if (ek != wanted.ek_digest) {
        found.push_back({Kind::second_tpm, wanted.host,
                         fmt::format("'{}' is enrolled with another TPM (EK {})", wanted.host, ek)});
    } else if (ak != wanted.ak_digest) {
        found.push_back({Kind::second_ak, wanted.host,
                         fmt::format("'{}' is enrolled with another AK ({})", wanted.host, ak)});
    }
}

void conflicts_of_key(soci::session& sql, const std::string& digest, std::string_view what,
                      const Identity& wanted, std::vector<IdentityConflict>& found) {
    std::string host;
    std::string retired_by;
    sql << "SELECT host, retired_by FROM identity_keys WHERE digest = :digest", soci::use(digest),
        soci::into(host), soci::into(retired_by);
    if (!sql.got_data()) return;
    if (!retired_by.empty()) {
        found.push_back(
            {Kind::retired_tpm, host,
             fmt::format("this TPM's {} was replaced in '{}' and is released for no other use", what, host)});
    } else if (host != wanted.host) {
        found.push_back(
            {Kind::known_tpm, host, fmt::format("this TPM's {} is enrolled as '{}'", what, host)});
    }
}

/// Whoever shares a name, an EK or an AK with `wanted` and is not the same. A refusal, never an update.
std::vector<IdentityConflict> conflicts_of(soci::session& sql, const Identity& wanted) {
    std::vector<IdentityConflict> found;
    conflicts_of_name(sql, wanted, found);
    conflicts_of_key(sql, wanted.ek_digest, "EK", wanted, found);
    conflicts_of_key(sql, wanted.ak_digest, "AK", wanted, found);
    for (const auto& ek : wanted.other_eks) conflicts_of_key(sql, ek, "other EK", wanted, found);
    return found;
}

std::unexpected<Error> refused_for(const std::vector<IdentityConflict>& conflicts) {
    std::vector<std::string> texts;
    for (const auto& conflict : conflicts) texts.push_back(conflict.text);
    return fail(ErrorCode::conflict, fmt::format("identity: {}", fmt::join(texts, "; ")));
}

std::string joined(const std::vector<std::string>& digests) {
    return fmt::format("{}", fmt::join(digests, ","));
}

std::vector<std::string> split(std::string_view text) {
    std::vector<std::string> out;
    while (!text.empty()) {
        const auto end = std::min(text.find(','), text.size());
        out.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return out;
}

void claim(soci::session& sql, const std::string& digest, const std::string& kind, const std::string& host) {
    rows_changed(
        sql,
        "INSERT INTO identity_keys (digest, kind, host, retired_by) VALUES (:digest, :kind, :host, '') "
        "ON CONFLICT DO NOTHING",
        soci::use(digest), soci::use(kind), soci::use(host));
}

/// Whoever came first has the row, so what is not ours after this is a conflict.
Result<> claim_all(soci::session& sql, const Identity& identity) {
    claim(sql, identity.ek_digest, "EK", identity.host);
    claim(sql, identity.ak_digest, "AK", identity.host);
    for (const auto& ek : identity.other_eks) claim(sql, ek, "EK", identity.host);
    const auto conflicts = conflicts_of(sql, identity);
    if (!conflicts.empty()) return refused_for(conflicts);
    return {};
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
    const auto others = joined(identity.other_eks);
    const auto iak = device_key_column(identity.iak);
    const auto idevid = device_key_column(identity.idevid);
    return database_->write([&](soci::session& sql) -> Result<> {
        sql << "DELETE FROM enrolments WHERE expires_at <= :now", soci::use(now);
        // One credential at a time for a token: with several, a wrong secret would void only one guess.
        sql << "DELETE FROM enrolments WHERE token_digest = :token AND token_digest <> '' AND activated_at = "
               "0",
            soci::use(enrolment.token_digest);
        sql << "INSERT INTO enrolments (id, token_digest, replacement, host, ek_digest, ak_digest, "
               "other_eks, "
               "ek_public, ak_public, ek_certificates, secret_digest, expires_at, activated_at, iak, idevid) "
               "VALUES (:id, "
               ":token, :replacement, :host, :ek_digest, :ak_digest, :other_eks, decode(:ek, 'hex'), "
               "decode(:ak, 'hex'), decode(:certificates, 'hex'), :secret, :expires_at, 0, :iak, :idevid)",
            soci::use(enrolment.id), soci::use(enrolment.token_digest), soci::use(enrolment.replacement),
            soci::use(identity.host), soci::use(identity.ek_digest), soci::use(identity.ak_digest),
            soci::use(others), soci::use(ek), soci::use(ak), soci::use(certificates),
            soci::use(enrolment.secret_digest), soci::use(enrolment.expires_at), soci::use(iak),
            soci::use(idevid);
        return {};
    });
}

Result<Enrolment> Store::enrolment(const std::string& id) {
    return database_->read([&](soci::session& sql) -> Result<Enrolment> {
        Enrolment out;
        std::string ek;
        std::string ak;
        std::string certificates;
        std::string others;
        std::string iak;
        std::string idevid;
        sql << "SELECT id, token_digest, replacement, host, ek_digest, ak_digest, other_eks, "
               "encode(ek_public, 'hex'), encode(ak_public, 'hex'), encode(ek_certificates, 'hex'), "
               "secret_digest, expires_at, activated_at, iak, idevid FROM enrolments WHERE id = :id",
            soci::use(id), soci::into(out.id), soci::into(out.token_digest), soci::into(out.replacement),
            soci::into(out.identity.host), soci::into(out.identity.ek_digest),
            soci::into(out.identity.ak_digest), soci::into(others), soci::into(ek), soci::into(ak),
            soci::into(certificates), soci::into(out.secret_digest), soci::into(out.expires_at),
            soci::into(out.activated_at), soci::into(iak), soci::into(idevid);
        if (!sql.got_data()) return fail(ErrorCode::not_found, "no such enrolment");
        out.identity.other_eks = split(others);
        out.identity.ek_public = TRY(bytes_from_column(ek));
        out.identity.ak_public = TRY(bytes_from_column(ak));
        out.identity.ek_certificates = TRY(decode_list(TRY(bytes_from_column(certificates))));
        out.identity.iak = TRY(device_key_from_column(iak));
        out.identity.idevid = TRY(device_key_from_column(idevid));
        return out;
    });
}

Result<> Store::drop_enrolment(const std::string& id) {
    return database_->write([&](soci::session& sql) -> Result<> {
        sql << "DELETE FROM enrolments WHERE id = :id", soci::use(id);
        return {};
    });
}

Result<std::vector<IdentityConflict>> Store::identity_conflicts(const Identity& identity) {
    return database_->read([&](soci::session& sql) -> Result<std::vector<IdentityConflict>> {
        return conflicts_of(sql, identity);
    });
}

Result<> Store::activate(const Enrolment& enrolment, std::int64_t now) {
    const auto& identity = enrolment.identity;
    const auto ek = to_hex(identity.ek_public);
    const auto ak = to_hex(identity.ak_public);
    const auto certificates = to_hex(encode_list(identity.ek_certificates));
    const auto iak = device_key_column(identity.iak);
    const auto idevid = device_key_column(identity.idevid);
    return database_->write([&](soci::session& sql) -> Result<> {
        // The conditions of both UPDATEs are the locks: of two at once, one changes the row and the other
        // none.
        const auto activated =
            rows_changed(sql, "UPDATE enrolments SET activated_at = :now WHERE id = :id AND activated_at = 0",
                         soci::use(now), soci::use(enrolment.id));
        if (activated != 1) return fail(ErrorCode::conflict, "the enrolment is not pending any more");
        if (!enrolment.token_digest.empty()) {
            const auto spent =
                rows_changed(sql, "UPDATE tokens SET spent_at = :now WHERE digest = :digest AND spent_at = 0",
                             soci::use(now), soci::use(enrolment.token_digest));
            if (spent != 1) return fail(ErrorCode::conflict, "token: it is spent already");
        }
        if (!enrolment.replacement.empty()) {
            auto conflicts = conflicts_of(sql, identity);
            std::erase_if(conflicts, [](const IdentityConflict& each) {
                return each.kind == Kind::second_tpm || each.kind == Kind::second_ak;
            });
            if (!conflicts.empty()) return refused_for(conflicts);
            TRY_VOID(replace_identity(sql, enrolment, now));
        }
        const auto added = rows_changed(
            sql,
            "INSERT INTO hosts (name, enrolled_at, ek_digest, ak_digest, ek_public, ak_public, "
            "ek_certificates, iak, idevid) VALUES (:name, :now, :ek_digest, :ak_digest, decode(:ek, 'hex'), "
            "decode(:ak, 'hex'), decode(:certificates, 'hex'), :iak, :idevid) ON CONFLICT DO NOTHING",
            soci::use(identity.host), soci::use(now), soci::use(identity.ek_digest),
            soci::use(identity.ak_digest), soci::use(ek), soci::use(ak), soci::use(certificates),
            soci::use(iak), soci::use(idevid));
        if (added == 1) {
            sql << "INSERT INTO host_state (host, revision, clock_ms, reset_count, restart_count, "
                   "journal_sequence, journal_head) VALUES (:host, 0, 0, 0, 0, 0, '')",
                soci::use(identity.host);
        } else if (const auto conflicts = conflicts_of(sql, identity); !conflicts.empty()) {
            return refused_for(conflicts);
        }
        return claim_all(sql, identity);
    });
}

}  // namespace assay::store
