#include <algorithm>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "evidence/codec/json_writer.h"
#include "verifier/service/store/acts/act.h"
#include "verifier/service/store/acts/audit.h"
#include "verifier/service/store/engine/database.h"
#include "verifier/service/store/engine/query.h"
#include "verifier/service/store/hosts/admission.h"
#include "verifier/service/store/hosts/identity.h"

namespace assay::store {
namespace {

using Kind = IdentityConflict::Kind;

void conflicts_of_name(soci::session& sql, const Identity& wanted, std::vector<IdentityConflict>& found) {
    std::string ek;
    std::string ak;
    if (!Query(sql, "SELECT ek_digest, ak_digest FROM hosts WHERE name = :name", wanted.host).one(ek, ak))
        return;
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
    if (!Query(sql, "SELECT host, retired_by FROM identity_keys WHERE digest = :digest", digest)
             .one(host, retired_by))
        return;
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

void claim(soci::session& sql, const std::string& digest, std::string_view kind, const std::string& host) {
    execute(sql,
            "INSERT INTO identity_keys (digest, kind, host, retired_by) VALUES (:digest, :kind, :host, '') "
            "ON CONFLICT DO NOTHING",
            digest, kind, host);
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

/// Behind all rows. An exchange of the TPM also changed the purchase line.
void write_enrolment_acts(soci::session& sql, const Enrolment& enrolment, std::int64_t now) {
    constexpr std::int64_t kSecond_ms = 1000;
    const auto& identity = enrolment.identity;
    const auto subject = "host:" + identity.host;
    const auto document =
        Json{{"ak", identity.ak_digest}, {"ek", identity.ek_digest}, {"replacement", enrolment.replacement}}
            .dump();
    write_act(sql,
              {.kind = ActKind::host_enrolled,
               .hand = subject,
               .subject = subject,
               .object = identity.ek_digest,
               .document = document},
              now * kSecond_ms);
    const auto line = enrolment.replacement.empty() ? std::string() : line_digest(sql, identity.host);
    if (line.empty()) return;
    const auto place = write_act(sql,
                                 {.kind = ActKind::registration_changed,
                                  .hand = subject,
                                  .subject = subject,
                                  .object = line,
                                  .document = document},
                                 now * kSecond_ms);
    execute(sql, "UPDATE registrations SET act = :act WHERE host = :host", place.number, identity.host);
}

}  // namespace

Result<> Enrolments::add_token(const Token& token) {
    return database_.write([&](soci::session& sql) -> Result<> {
        const auto rows = execute(
            sql,
            "INSERT INTO tokens (digest, host, created_by, created_at, expires_at, spent_at) "
            "VALUES (:digest, :host, :created_by, :created_at, :expires_at, 0) ON CONFLICT DO NOTHING",
            token.digest, token.host, token.created_by, token.created_at, token.expires_at);
        if (rows != 1) return fail(ErrorCode::conflict, "a token with this digest is there already");
        constexpr std::int64_t kSecond_ms = 1000;
        write_act(sql,
                  {.kind = ActKind::token_made,
                   .hand = "operator:" + token.created_by,
                   .subject = "host:" + token.host,
                   .object = token.digest,
                   .document = Json{{"expires_at", token.expires_at}}.dump()},
                  token.created_at * kSecond_ms);
        return {};
    });
}

Result<Token> Enrolments::token(const std::string& digest) {
    return database_.read([&](soci::session& sql) {
        return found(Query(sql,
                           "SELECT digest, host, created_by, created_at, expires_at, spent_at FROM tokens "
                           "WHERE digest = :digest",
                           digest)
                         .first<Token>([](Token& row) {
                             return std::tie(row.digest, row.host, row.created_by, row.created_at,
                                             row.expires_at, row.spent_at);
                         }),
                     "no such token");
    });
}

Result<> Enrolments::add(const Enrolment& enrolment, std::int64_t now) {
    const auto& identity = enrolment.identity;
    const auto keys = IdentityColumns::of(identity);
    return database_.write([&](soci::session& sql) {
        execute(sql, "DELETE FROM enrolments WHERE expires_at <= :now", now);
        // One credential at a time for a token: with several, a wrong secret would void only one guess.
        execute(
            sql,
            "DELETE FROM enrolments WHERE token_digest = :token AND token_digest <> '' AND activated_at = "
            "0",
            enrolment.token_digest);
        execute(sql,
                "INSERT INTO enrolments (id, token_digest, replacement, host, ek_digest, ak_digest, "
                "other_eks, ek_public, ak_public, ek_certificates, secret_digest, expires_at, activated_at, "
                "iak, idevid) VALUES (:id, :token, :replacement, :host, :ek_digest, :ak_digest, :other_eks, "
                "decode(:ek, 'hex'), decode(:ak, 'hex'), decode(:certificates, 'hex'), :secret, :expires_at, "
                "0, :iak, :idevid)",
                enrolment.id, enrolment.token_digest, enrolment.replacement, identity.host,
                identity.ek_digest, identity.ak_digest, joined(identity.other_eks), keys.ek_public,
                keys.ak_public, keys.ek_certificates, enrolment.secret_digest, enrolment.expires_at, keys.iak,
                keys.idevid);
    });
}

Result<Enrolment> Enrolments::find(const std::string& id) {
    return database_.read([&](soci::session& sql) -> Result<Enrolment> {
        Enrolment out;
        auto& identity = out.identity;
        IdentityColumns keys;
        std::string others;
        if (!Query(sql,
                   "SELECT id, token_digest, replacement, host, ek_digest, ak_digest, other_eks, "
                   "encode(ek_public, 'hex'), encode(ak_public, 'hex'), encode(ek_certificates, 'hex'), "
                   "secret_digest, expires_at, activated_at, iak, idevid FROM enrolments WHERE id = :id",
                   id)
                 .one(out.id, out.token_digest, out.replacement, identity.host, identity.ek_digest,
                      identity.ak_digest, others, keys.ek_public, keys.ak_public, keys.ek_certificates,
                      out.secret_digest, out.expires_at, out.activated_at, keys.iak, keys.idevid))
            return fail(ErrorCode::not_found, "no such enrolment");
        identity.other_eks = split(others);
        TRY_VOID(keys.read_into(identity));
        return out;
    });
}

Result<> Enrolments::drop(const std::string& id) {
    return database_.write(
        [&](soci::session& sql) { execute(sql, "DELETE FROM enrolments WHERE id = :id", id); });
}

Result<std::vector<IdentityConflict>> Enrolments::conflicts(const Identity& identity) {
    return database_.read([&](soci::session& sql) { return conflicts_of(sql, identity); });
}

Result<> Enrolments::activate(const Enrolment& enrolment, std::int64_t now) {
    const auto& identity = enrolment.identity;
    const auto keys = IdentityColumns::of(identity);
    return database_.write([&](soci::session& sql) -> Result<> {
        // The conditions of both UPDATEs are the locks: of two at once, one changes the row and the other
        // none.
        if (execute(sql, "UPDATE enrolments SET activated_at = :now WHERE id = :id AND activated_at = 0", now,
                    enrolment.id) != 1)
            return fail(ErrorCode::conflict, "the enrolment is not pending any more");
        if (!enrolment.token_digest.empty() &&
            execute(sql, "UPDATE tokens SET spent_at = :now WHERE digest = :digest AND spent_at = 0", now,
                    enrolment.token_digest) != 1)
            return fail(ErrorCode::conflict, "token: it is spent already");
        if (!enrolment.replacement.empty()) {
            auto conflicts = conflicts_of(sql, identity);
            std::erase_if(conflicts, [](const IdentityConflict& each) {
                return each.kind == Kind::second_tpm || each.kind == Kind::second_ak;
            });
            if (!conflicts.empty()) return refused_for(conflicts);
            TRY_VOID(replace_identity(sql, enrolment, now));
        }
        const auto added = execute(
            sql,
            "INSERT INTO hosts (name, enrolled_at, ek_digest, ak_digest, ek_public, ak_public, "
            "ek_certificates, iak, idevid) VALUES (:name, :now, :ek_digest, :ak_digest, decode(:ek, 'hex'), "
            "decode(:ak, 'hex'), decode(:certificates, 'hex'), :iak, :idevid) ON CONFLICT DO NOTHING",
            identity.host, now, identity.ek_digest, identity.ak_digest, keys.ek_public, keys.ak_public,
            keys.ek_certificates, keys.iak, keys.idevid);
        if (added == 1) {
            execute(sql,
                    "INSERT INTO host_state (host, revision, clock_ms, reset_count, restart_count, "
                    "journal_sequence, journal_head) VALUES (:host, 0, 0, 0, 0, 0, '')",
                    identity.host);
        } else if (const auto conflicts = conflicts_of(sql, identity); !conflicts.empty()) {
            return refused_for(conflicts);
        }
        TRY_VOID(claim_all(sql, identity));
        write_enrolment_acts(sql, enrolment, now);
        return {};
    });
}

}  // namespace assay::store
