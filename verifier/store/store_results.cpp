#include <limits>
#include <map>

#include "evidence/base/hex.h"
#include "verifier/store/columns.h"
#include "verifier/store/database.h"
#include "verifier/store/store.h"

namespace assay::store {
namespace {

constexpr const char* kSelect =
    "SELECT a.result_id, a.host, a.result, a.jwt, a.tier, a.appraised_at FROM attestations a";

Result<StoredResult> one(soci::session& sql, const std::string& where, const std::string& key) {
    StoredResult row;
    sql << kSelect + where, soci::use(key), soci::into(row.result_id), soci::into(row.host),
        soci::into(row.result_json), soci::into(row.jwt), soci::into(row.tier), soci::into(row.appraised_at);
    if (!sql.got_data()) return fail(ErrorCode::not_found, "no such attestation result");
    return row;
}

/// The parts of a bundle as columns.
struct Parts {
    std::string nonce, manifest, quote, signature, challenge, known_host, sessions;
};

Result<SavedBundle> without_sections(const Parts& parts) {
    SavedBundle bundle;
    bundle.evidence.nonce = TRY(bytes_from_column(parts.nonce));
    bundle.evidence.manifest = TRY(bytes_from_column(parts.manifest));
    bundle.evidence.quote = TRY(bytes_from_column(parts.quote));
    bundle.evidence.signature = TRY(bytes_from_column(parts.signature));
    bundle.challenge = TRY(decode_challenge(TRY(bytes_from_column(parts.challenge))));
    bundle.known_host = TRY(decode_known_host(TRY(bytes_from_column(parts.known_host))));
    for (const auto& session : TRY(decode_list(TRY(bytes_from_column(parts.sessions))))) {
        bundle.sessions.push_back(TRY(decode_work_session(session)));
    }
    bundle.made_by = "assay-verifier";
    return bundle;
}

Result<> add_section(soci::session& sql, Evidence& evidence, const std::string& name,
                     const std::string& digest) {
    std::string hex;
    sql << "SELECT encode(bytes, 'hex') FROM sections WHERE digest = :digest", soci::use(digest),
        soci::into(hex);
    if (sql.got_data()) evidence.sections[name] = TRY(bytes_from_column(hex));
    return {};
}

/// Those that the manifest names, and instead of them or beside them those that came otherwise.
Result<> add_sections(soci::session& sql, const std::string& result_id, Evidence& evidence) {
    std::map<std::string, std::string> digests;
    if (const auto manifest = decode_manifest(evidence.manifest)) {
        for (const auto& entry : manifest->entries) digests[entry.name] = entry.digest.hex();
    }
    HeldSection odd;
    {
        soci::statement statement =
            (sql.prepare << "SELECT name, digest FROM odd_sections WHERE result_id = :result_id",
             soci::use(result_id), soci::into(odd.name), soci::into(odd.digest));
        statement.execute();
        while (statement.fetch()) digests[odd.name] = odd.digest;
    }
    for (const auto& [name, digest] : digests) TRY_VOID(add_section(sql, evidence, name, digest));
    return {};
}

}  // namespace

Result<StoredResult> Store::newest_result(const std::string& host) {
    return database_->read([&](soci::session& sql) {
        return one(sql,
                   " JOIN host_state s ON s.host = a.host AND s.revision = a.revision WHERE a.host = :host",
                   host);
    });
}

Result<StoredResult> Store::result(const std::string& result_id) {
    return database_->read(
        [&](soci::session& sql) { return one(sql, " WHERE a.result_id = :id", result_id); });
}

Result<SavedBundle> Store::bundle_at(const std::string& host, std::int64_t at) {
    return database_->read([&](soci::session& sql) -> Result<SavedBundle> {
        Parts parts;
        std::string result_id;
        sql << "SELECT a.result_id, encode(a.nonce, 'hex'), encode(a.manifest, 'hex'), encode(a.quote, "
               "'hex'), "
               "encode(a.signature, 'hex'), encode(a.challenge, 'hex'), encode(a.known_host, 'hex'), "
               "encode(a.sessions, 'hex') FROM attestations a WHERE a.host = :host AND a.appraised_at <= :at "
               "ORDER BY a.revision DESC LIMIT 1",
            soci::use(host), soci::use(at), soci::into(result_id), soci::into(parts.nonce),
            soci::into(parts.manifest), soci::into(parts.quote), soci::into(parts.signature),
            soci::into(parts.challenge), soci::into(parts.known_host), soci::into(parts.sessions);
        if (!sql.got_data()) return fail(ErrorCode::not_found, "this host had not attested yet");
        auto bundle = TRY(without_sections(parts));
        TRY_VOID(add_sections(sql, result_id, bundle.evidence));
        return bundle;
    });
}

Result<SavedBundle> Store::newest_bundle(const std::string& host) {
    return bundle_at(host, std::numeric_limits<std::int64_t>::max());
}

Result<std::vector<FindingRow>> Store::findings(const FindingQuery& query) {
    return database_->read([&](soci::session& sql) -> Result<std::vector<FindingRow>> {
        const auto host = query.host.value_or("");
        const std::int64_t any_host = query.host ? 0 : 1;
        const auto id = query.id.value_or("");
        const std::int64_t any_id = query.id ? 0 : 1;
        const auto since = query.since.value_or(0);
        FindingRow row;
        std::string tier;
        std::string basis;
        auto& finding = row.finding;
        soci::statement statement =
            (sql.prepare
                 << "SELECT host, result_id, appraised_at, id, tier, basis, subject, expected, actual, "
                    "evidence, remedy, group_key FROM findings WHERE (host = :host OR :any_host = 1) "
                    "AND (id = :id OR :any_id = 1) AND appraised_at >= :since "
                    "ORDER BY appraised_at DESC, host, revision DESC, position LIMIT :most",
             soci::use(host), soci::use(any_host), soci::use(id), soci::use(any_id), soci::use(since),
             soci::use(query.limit), soci::into(row.host), soci::into(row.result_id),
             soci::into(row.appraised_at), soci::into(finding.id), soci::into(tier), soci::into(basis),
             soci::into(finding.subject), soci::into(finding.expected), soci::into(finding.actual),
             soci::into(finding.evidence), soci::into(finding.remedy), soci::into(row.group));
        statement.execute();
        std::vector<FindingRow> all;
        while (statement.fetch()) {
            finding.tier = TRY(tier_from_name(tier));
            for (const auto known : {Basis::endorsed, Basis::quoted, Basis::bound, Basis::self_reported}) {
                if (to_string(known) == basis) finding.basis = known;
            }
            all.push_back(row);
        }
        return all;
    });
}

Result<std::vector<JournalRow>> Store::journal(const std::string& host) {
    return database_->read([&](soci::session& sql) -> Result<std::vector<JournalRow>> {
        std::int64_t sequence = 0;
        std::string digest;
        std::string record;
        soci::statement statement =
            (sql.prepare << "SELECT sequence, digest, encode(record, 'hex') FROM journal_records "
                            "WHERE host = :host ORDER BY sequence",
             soci::use(host), soci::into(sequence), soci::into(digest), soci::into(record));
        statement.execute();
        std::vector<JournalRow> all;
        while (statement.fetch()) {
            all.push_back({static_cast<std::uint64_t>(sequence), digest, TRY(bytes_from_column(record))});
        }
        return all;
    });
}

}  // namespace assay::store
