#include <string>
#include <vector>

#include <fmt/core.h>

#include "verifier/service/store/attestations/occasions.h"
#include "verifier/service/store/columns.h"
#include "verifier/service/store/engine/query.h"
#include "verifier/service/store/migrations.h"

namespace assay::store {
namespace {

struct Columns {
    std::string nonce, manifest, quote, signature, challenge, known_host, sessions;
};

Result<OccasionParts> parts_of(const Columns& columns) {
    OccasionParts parts;
    parts.evidence.nonce = TRY(bytes_from_column(columns.nonce));
    parts.evidence.manifest = TRY(bytes_from_column(columns.manifest));
    parts.evidence.quote = TRY(bytes_from_column(columns.quote));
    parts.evidence.signature = TRY(bytes_from_column(columns.signature));
    parts.challenge = TRY(decode_challenge(TRY(bytes_from_column(columns.challenge))));
    parts.known = TRY(decode_known_host(TRY(bytes_from_column(columns.known_host))));
    for (const auto& session : TRY(decode_list(TRY(bytes_from_column(columns.sessions)))))
        parts.sessions.push_back(TRY(decode_work_session(session)));
    return parts;
}

Result<> move_one(soci::session& sql, const std::string& host, std::int64_t revision) {
    Columns columns;
    std::string id;
    std::string json;
    Query(sql,
          "SELECT result_id, result, encode(nonce, 'hex'), encode(manifest, 'hex'), encode(quote, 'hex'), "
          "encode(signature, 'hex'), encode(challenge, 'hex'), encode(known_host, 'hex'), encode(sessions, "
          "'hex') FROM attestations_before WHERE host = :host AND revision = :revision",
          host, revision)
        .one(id, json, columns.nonce, columns.manifest, columns.quote, columns.signature, columns.challenge,
             columns.known_host, columns.sessions);
    const auto result = TRY(decode_attestation_result(json));
    const auto names = result_names(result);
    if (names.id != id) {
        return fail(ErrorCode::internal,
                    fmt::format("database: result {} is not the one of its id; nothing was changed", id));
    }
    auto parts = TRY(parts_of(columns));
    std::string name, digest;
    Query(sql, "SELECT name, digest FROM odd_sections_before WHERE result_id = :id", id)
        .each([&] { parts.odd[name] = digest; }, name, digest);
    parts.said = occasion_of(result);
    TRY_VOID(write_occasion(sql, {result, parts, names.id, names.conclusion, revision}));
    return {};
}

}  // namespace

Result<> move_attestations(soci::session& sql) {
    const auto hosts =
        Query(sql, "SELECT DISTINCT host FROM attestations_before ORDER BY host").values<std::string>();
    for (const auto& host : hosts) {
        const auto revisions =
            Query(sql, "SELECT revision FROM attestations_before WHERE host = :host ORDER BY revision", host)
                .values<std::int64_t>();
        for (const auto revision : revisions) TRY_VOID(move_one(sql, host, revision));
    }
    sql << "DROP TABLE odd_sections_before";
    sql << "DROP TABLE attestations_before";
    return {};
}

}  // namespace assay::store
