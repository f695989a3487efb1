#include "verifier/service/store/attestations/secure_boot.h"

#include <utility>

#include <fmt/core.h>

#include "evidence/base/hex.h"
#include "verifier/service/store/attestations/write_secure_boot.h"
#include "verifier/service/store/columns.h"
#include "verifier/service/store/engine/database.h"
#include "verifier/service/store/engine/query.h"

namespace assay::store {
namespace {

struct Document {
    std::string digest, text;
};

/// `column`: of host_secure_boot, ours.
std::vector<Document> stored_documents(soci::session& sql, std::string_view column) {
    return Query(sql, fmt::format("SELECT digest, document FROM secure_boot_documents WHERE digest "
                                  "IN (SELECT {} FROM host_secure_boot)",
                                  column))
        .rows<Document>([](Document& row) { return std::tie(row.digest, row.text); });
}

template <typename T, typename Decode>
Result<std::map<std::string, T>> documents(soci::session& sql, std::string_view column, Decode&& decode) {
    std::map<std::string, T> out;
    for (const auto& row : stored_documents(sql, column)) {
        const auto bytes = TRY(bytes_from_column(row.text));
        out.emplace(row.digest,
                    TRY(with_context(decode(ByteView(bytes)), "database: document " + row.digest)));
    }
    return out;
}

std::string put_document(soci::session& sql, const Bytes& document) {
    const auto digest = sha256(document).hex();
    execute(sql,
            "INSERT INTO secure_boot_documents (digest, document) VALUES (:digest, :document) ON CONFLICT "
            "DO NOTHING",
            digest, to_hex(document));
    return digest;
}

}  // namespace

Result<> write_secure_boot(soci::session& sql, const std::string& host, const SeenSecureBoot& seen,
                           std::int64_t now) {
    std::string before;
    if (Query(sql, "SELECT mark FROM host_secure_boot WHERE host = :host", host).one(before) &&
        before == seen.mark)
        return {};
    if (!seen.documents)
        return fail(ErrorCode::internal,
                    fmt::format("Secure Boot of '{}': what was remembered is not what is stored", host));
    const auto facts = encode_secure_boot_facts(seen.documents->facts);
    const auto revoked = encode_revoked_entries(seen.documents->revoked);
    // In one order, so that two transactions that store the same new ones cannot wait for each other.
    auto facts_digest = sha256(facts).hex();
    auto revoked_digest = sha256(revoked).hex();
    const bool facts_first = facts_digest < revoked_digest;
    put_document(sql, facts_first ? facts : revoked);
    put_document(sql, facts_first ? revoked : facts);
    execute(sql,
            "INSERT INTO host_secure_boot (host, mark, facts, revoked, since) VALUES (:host, :mark, :facts, "
            ":revoked, :since) ON CONFLICT (host) DO UPDATE SET mark = excluded.mark, facts = "
            "excluded.facts, revoked = excluded.revoked, since = excluded.since",
            host, seen.mark, facts_digest, revoked_digest, now);
    return {};
}

Result<std::vector<HostSecureBoot>> SecureBoot::hosts() {
    return database_.read([&](soci::session& sql) -> Result<std::vector<HostSecureBoot>> {
        return Query(sql, "SELECT host, facts, revoked, since FROM host_secure_boot ORDER BY host")
            .rows<HostSecureBoot>(
                [](HostSecureBoot& row) { return std::tie(row.host, row.facts, row.revoked, row.since); });
    });
}

Result<std::map<std::string, std::string>> SecureBoot::models() {
    return database_.read([&](soci::session& sql) -> Result<std::map<std::string, std::string>> {
        std::map<std::string, std::string> out;
        std::string host;
        std::string model;
        Query(
            sql,
            "SELECT h.name, t.model FROM hosts h JOIN components c ON c.host = h.name AND c.kind = 'system' "
            "AND c.last_seen = 0 JOIN part_types t ON t.id = c.part_type")
            .each([&] { out[host] = model; }, host, model);
        return out;
    });
}

Result<std::map<std::string, judge::SecureBootFacts>> SecureBoot::facts() {
    return database_.read([&](soci::session& sql) {
        return documents<judge::SecureBootFacts>(sql, "facts", judge::decode_secure_boot_facts);
    });
}

Result<std::map<std::string, judge::RevokedEntries>> SecureBoot::revoked() {
    return database_.read([&](soci::session& sql) {
        return documents<judge::RevokedEntries>(sql, "revoked", judge::decode_revoked_entries);
    });
}

}  // namespace assay::store
