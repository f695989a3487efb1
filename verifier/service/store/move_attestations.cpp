#include "verifier/service/store/move_attestations.h"

#include <array>
#include <string>
#include <vector>

#include <fmt/core.h>

#include "verifier/service/store/attestations/occasions.h"
#include "verifier/service/store/columns.h"

namespace assay::store {
namespace {

std::vector<std::string> hosts(soci::session& sql) {
    std::string host;
    std::vector<std::string> all;
    soci::statement statement =
        (sql.prepare << "SELECT DISTINCT host FROM attestations_before ORDER BY host", soci::into(host));
    statement.execute();
    while (statement.fetch()) all.push_back(host);
    return all;
}

std::vector<std::int64_t> revisions(soci::session& sql, const std::string& host) {
    std::int64_t revision = 0;
    std::vector<std::int64_t> all;
    soci::statement statement =
        (sql.prepare << "SELECT revision FROM attestations_before WHERE host = :host ORDER BY revision",
         soci::use(host), soci::into(revision));
    statement.execute();
    while (statement.fetch()) all.push_back(revision);
    return all;
}

void add_odd(soci::session& sql, const std::string& id, OccasionParts& parts) {
    std::string name;
    std::string digest;
    soci::statement statement =
        (sql.prepare << "SELECT name, digest FROM odd_sections_before WHERE result_id = :id", soci::use(id),
         soci::into(name), soci::into(digest));
    statement.execute();
    while (statement.fetch()) parts.odd[name] = digest;
}

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
    sql << "SELECT result_id, result, encode(nonce, 'hex'), encode(manifest, 'hex'), encode(quote, 'hex'), "
           "encode(signature, 'hex'), encode(challenge, 'hex'), encode(known_host, 'hex'), encode(sessions, "
           "'hex') FROM attestations_before WHERE host = :host AND revision = :revision",
        soci::use(host), soci::use(revision), soci::into(id), soci::into(json), soci::into(columns.nonce),
        soci::into(columns.manifest), soci::into(columns.quote), soci::into(columns.signature),
        soci::into(columns.challenge), soci::into(columns.known_host), soci::into(columns.sessions);
    const auto result = TRY(decode_attestation_result(json));
    const auto names = result_names(result);
    if (names.id != id) {
        return fail(ErrorCode::internal,
                    fmt::format("database: result {} is not the one of its id; nothing was changed", id));
    }
    auto parts = TRY(parts_of(columns));
    add_odd(sql, id, parts);
    parts.said = occasion_of(result);
    TRY_VOID(write_occasion(sql, {result, parts, names.id, names.conclusion, revision}));
    return {};
}

}  // namespace

Result<> move_attestations(soci::session& sql) {
    for (const auto& host : hosts(sql)) {
        for (const auto revision : revisions(sql, host)) TRY_VOID(move_one(sql, host, revision));
    }
    sql << "DROP TABLE odd_sections_before";
    sql << "DROP TABLE attestations_before";
    return {};
}

}  // namespace assay::store
