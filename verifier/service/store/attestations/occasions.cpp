#include "verifier/service/store/attestations/occasions.h"

#include <algorithm>
#include <array>

#include "evidence/base/hex.h"
#include "evidence/base/limits.h"
#include "verifier/service/store/columns.h"
#include "verifier/service/store/engine/database.h"
#include "verifier/service/store/engine/deflated.h"
#include "verifier/service/store/engine/query.h"

namespace assay::store {
namespace {

constexpr int kTries = 8;                     // for a number that another connection took
constexpr std::int64_t kFollowersMost = 256;  // occasions that are told from one

std::int64_t find_conclusion(soci::session& sql, const std::string& digest) {
    std::int64_t number = 0;
    Query(sql, "SELECT number FROM conclusions WHERE digest = decode(:digest, 'hex')", digest).one(number);
    return number;
}

void insert_findings(soci::session& sql, std::int64_t conclusion, const AttestationResult& result) {
    std::int64_t position = 0;
    for (const auto& finding : result.findings) {
        const auto tier = std::string(to_string(finding.tier));
        const auto basis = std::string(to_string(finding.basis));
        const auto group = finding_group_key(finding);
        execute(sql,
                "INSERT INTO findings (conclusion, position, id, tier, basis, subject, expected, actual, "
                "evidence, remedy, group_key) VALUES (:conclusion, :position, :id, :tier, :basis, :subject, "
                ":expected, :actual, :evidence, :remedy, :group_key)",
                conclusion, position, finding.id, tier, basis, finding.subject, finding.expected,
                finding.actual, finding.evidence, finding.remedy, group);
        ++position;
    }
}

Result<std::int64_t> put_conclusion(soci::session& sql, const NewOccasion& occasion) {
    const auto& result = occasion.result;
    std::string document;
    for (int i = 0; i < kTries; ++i) {
        if (const auto number = find_conclusion(sql, occasion.conclusion); number != 0) return number;
        if (document.empty()) document = to_hex(deflated(as_view(encode_conclusion(result))));
        const auto tier = std::string(to_string(result.tier));
        const auto rows = execute(
            sql,
            "INSERT INTO conclusions (number, digest, host, tier, document) SELECT COALESCE(MAX(number), 0) "
            "+ 1, decode(:digest, 'hex'), :host, :tier, decode(:document, 'hex') FROM conclusions WHERE 1 = "
            "1 ON CONFLICT DO NOTHING",  // WHERE: else SQLite takes ON for a join's
            occasion.conclusion, occasion.parts.known.name, tier, document);
        if (rows != 1) continue;
        const auto number = find_conclusion(sql, occasion.conclusion);
        insert_findings(sql, number, result);
        return number;
    }
    return fail(ErrorCode::conflict,
                "revision: the numbers of conclusions were taken by other connections; again");
}

/// A stay goes on as long as each attestation of the host comes to the same. Gives its first revision.
std::int64_t stay_at(soci::session& sql, const NewOccasion& occasion, std::int64_t conclusion,
                     const std::optional<Standing>& before) {
    const auto& host = occasion.parts.known.name;
    const auto at = occasion.result.appraised_at;
    if (before && before->conclusion == conclusion) {
        execute(sql,
                "UPDATE stays SET last_revision = :revision, last_at = :at, result_id = decode(:id, 'hex') "
                "WHERE host = :host AND first_revision = :first",
                occasion.revision, at, occasion.id, host, before->first_revision);
        return before->first_revision;
    }
    execute(sql,
            "INSERT INTO stays (host, first_revision, last_revision, conclusion, first_at, last_at, "
            "result_id) VALUES (:host, :first, :last, :conclusion, :first_at, :last_at, decode(:id, 'hex'))",
            host, occasion.revision, occasion.revision, conclusion, at, at, occasion.id);
    return occasion.revision;
}

/// A row of the table, without what the conclusion says.
struct Row {
    std::int64_t key_conclusion = 0, key_revision = 0, appraised_at = 0;
    std::string id, parts;  // hex
};

Result<Row> read_row(soci::session& sql, const OccasionPlace& place) {
    Row row;
    if (!Query(sql,
               "SELECT key_conclusion, key_revision, appraised_at, encode(id, 'hex'), encode(parts, 'hex') "
               "FROM "
               "occasions WHERE conclusion = :conclusion AND revision = :revision",
               place.conclusion, place.revision)
             .one(row.key_conclusion, row.key_revision, row.appraised_at, row.id, row.parts))
        return fail(ErrorCode::internal, "database: an occasion is missing");
    return row;
}

FindApart apart_in(soci::session& sql) {
    return [&sql](const std::string& digest) -> Result<Bytes> {
        auto bytes = TRY(find_section(sql, digest));
        if (!bytes) return fail(ErrorCode::internal, "database: a part of an occasion is missing");
        return *std::move(bytes);
    };
}

Result<std::optional<Digest>> id_before(soci::session& sql, const std::string& host, std::int64_t revision) {
    std::string id;
    const auto place = place_of_revision(sql, host, revision - 1);
    if (!place) return std::optional<Digest>();
    Query(sql,
          "SELECT encode(id, 'hex') FROM occasions WHERE conclusion = :conclusion AND revision = :revision",
          place->conclusion, place->revision)
        .one(id);
    return std::optional(TRY(Digest::from_bytes(HashAlgorithm::sha256, TRY(bytes_from_column(id)))));
}

/// What others are told from.
struct Key {
    OccasionPlace place;
    Bytes bytes;  ///< its encoded parts
    Told told;
};

/// Of the occasion before, if another may still be told from it.
Result<std::optional<Key>> key_of(soci::session& sql, const OccasionPlace& place, std::int64_t revision) {
    if (revision - place.revision >= kFollowersMost) return std::optional<Key>();
    std::string parts;
    if (!Query(sql,
               "SELECT encode(parts, 'hex') FROM occasions WHERE conclusion = :conclusion AND revision = "
               ":revision",
               place.conclusion, place.revision)
             .one(parts))
        return fail(ErrorCode::internal, "database: an occasion is missing");
    auto bytes = TRY(inflated(TRY(bytes_from_column(parts)), kPartsMost));
    Key key{.place = place, .bytes = std::move(bytes), .told = {}};
    key.told = TRY(told_by(key.bytes));
    return std::optional(std::move(key));
}

/// Whether `stream`, told from the key, is short enough. Now and then the occasion before is tried as a key:
/// where it would serve much better, as behind a host's first report or a new boot, the next key is due.
Result<bool> serves(soci::session& sql, const Key& key, const OccasionPlace& before_place,
                    const NewOccasion& occasion, const std::optional<Digest>& before, const Bytes& stream) {
    constexpr std::size_t kWorthwhile = 3;  // else the occasions before are no help any more
    constexpr std::array kTried = {2, 8, 32, 128};
    if (stream.size() > key.bytes.size() / kWorthwhile) return false;
    if (std::ranges::find(kTried, occasion.revision - key.place.revision) == kTried.end()) return true;
    const auto newer = TRY(read_occasion(sql, before_place)).parts;
    const auto dictionary = TRY(encode_parts(newer, newer.known.previous, nullptr)).bytes;
    const auto by_newer = told_by(newer);
    const auto told = TRY(encode_parts(occasion.parts, before, &by_newer)).bytes;
    return deflated(told, dictionary).size() + (stream.size() / 8) >= stream.size();
}

struct Before {
    std::optional<Standing> standing;
    std::optional<Digest> id;
};

/// Of the occasion that gave the host the revision before this; none before the first, and none of a TPM that
/// was exchanged.
Result<Before> find_before(soci::session& sql, const std::string& host, std::int64_t revision) {
    Standing standing;
    std::int64_t last = 0;
    std::string id;
    if (!Query(sql,
               "SELECT t.conclusion, t.first_revision, t.last_revision, encode(t.result_id, 'hex'), "
               "o.key_conclusion, "
               "o.key_revision FROM stays t JOIN occasions o ON o.conclusion = t.conclusion AND o.revision = "
               "t.last_revision WHERE t.host = :host ORDER BY t.first_revision DESC LIMIT 1",
               host)
             .one(standing.conclusion, standing.first_revision, last, id, standing.key.conclusion,
                  standing.key.revision) ||
        last + 1 != revision)
        return Before();
    const auto digest = TRY(Digest::from_bytes(HashAlgorithm::sha256, TRY(bytes_from_column(id))));
    return Before{standing, digest};
}

}  // namespace

Result<Standing> write_occasion(soci::session& sql, const NewOccasion& occasion) {
    const auto& host = occasion.parts.known.name;
    const auto& known_before = occasion.parts.known.previous;
    if (occasion.result.previous != (known_before ? std::optional(known_before->hex()) : std::nullopt))
        return fail(ErrorCode::internal, "a result that does not name the one before that is known");
    const auto [standing, before] = occasion.standing ? Before{occasion.standing, known_before}
                                                      : TRY(find_before(sql, host, occasion.revision));
    const bool stays = occasion.standing && occasion.conclusion == occasion.conclusion_before;
    const auto conclusion = stays ? standing->conclusion : TRY(put_conclusion(sql, occasion));
    Standing out{conclusion, stay_at(sql, occasion, conclusion, standing), {conclusion, occasion.revision}};

    const auto key = standing ? TRY(key_of(sql, standing->key, occasion.revision)) : std::nullopt;
    auto encoded = TRY(encode_parts(occasion.parts, before, key ? &key->told : nullptr));
    auto stream = deflated(encoded.bytes, key ? ByteView(key->bytes) : ByteView());
    if (key &&
        TRY(serves(sql, *key, {standing->conclusion, occasion.revision - 1}, occasion, before, stream))) {
        out.key = key->place;
    } else if (key) {
        encoded = TRY(encode_parts(occasion.parts, before, nullptr));
        stream = deflated(encoded.bytes);
    }
    for (const auto& [digest, bytes] : encoded.apart) put_section(sql, digest, bytes);
    const auto hex = to_hex(stream);
    execute(sql,
            "INSERT INTO occasions (conclusion, revision, key_conclusion, key_revision, appraised_at, id, "
            "parts) VALUES (:conclusion, :revision, :key_conclusion, :key_revision, :at, decode(:id, 'hex'), "
            "decode(:parts, 'hex'))",
            conclusion, occasion.revision, out.key.conclusion, out.key.revision, occasion.result.appraised_at,
            occasion.id, hex);
    return out;
}

std::optional<OccasionPlace> place_of_result(soci::session& sql, const std::string& id) {
    constexpr std::size_t kHex = 64;
    if (id.size() != kHex || !from_hex(id, kHex)) return std::nullopt;
    OccasionPlace place;
    // The index has the first eight bytes of each id.
    if (!Query(
             sql,
             "SELECT conclusion, revision FROM occasions WHERE substr(id, 1, 8) = substr(decode(:id, 'hex'), "
             "1, 8) AND id = decode(:same, 'hex')",
             id, id)
             .one(place.conclusion, place.revision))
        return std::nullopt;
    return place;
}

std::optional<OccasionPlace> place_at(soci::session& sql, const std::string& host, std::int64_t at) {
    OccasionPlace place;
    std::int64_t first = 0;
    std::int64_t last = 0;
    if (!Query(
             sql,
             "SELECT conclusion, first_revision, last_revision FROM stays WHERE host = :host AND first_at <= "
             ":at ORDER BY first_revision DESC LIMIT 1",
             host, at)
             .one(place.conclusion, first, last))
        return std::nullopt;
    if (!Query(sql,
               "SELECT revision FROM occasions WHERE conclusion = :conclusion AND revision >= :first AND "
               "revision <= :last AND appraised_at <= :at ORDER BY revision DESC LIMIT 1",
               place.conclusion, first, last, at)
             .one(place.revision))
        return std::nullopt;
    return place;
}

std::optional<OccasionPlace> place_of_revision(soci::session& sql, const std::string& host,
                                               std::int64_t revision) {
    OccasionPlace place{0, revision};
    std::int64_t last = 0;
    if (!Query(
             sql,
             "SELECT conclusion, last_revision FROM stays WHERE host = :host AND first_revision <= :revision "
             "ORDER BY first_revision DESC LIMIT 1",
             host, revision)
             .one(place.conclusion, last) ||
        last < revision)
        return std::nullopt;
    return place;
}

Result<ReadOccasion> read_occasion(soci::session& sql, const OccasionPlace& place) {
    const auto row = TRY(read_row(sql, place));
    ReadOccasion out{
        .host = {}, .id = row.id, .conclusion = {}, .appraised_at = row.appraised_at, .parts = {}};
    Query(sql, "SELECT host, encode(digest, 'hex') FROM conclusions WHERE number = :number", place.conclusion)
        .one(out.host, out.conclusion);
    const OccasionPlace key_place{row.key_conclusion, row.key_revision};
    const bool is_key = key_place.conclusion == place.conclusion && key_place.revision == place.revision;
    const auto key_row = is_key ? row : TRY(read_row(sql, key_place));
    const auto key_bytes = TRY(inflated(TRY(bytes_from_column(key_row.parts)), kPartsMost));
    auto key = TRY(
        decode_parts(key_bytes, TRY(id_before(sql, out.host, key_place.revision)), nullptr, apart_in(sql)));
    if (is_key) {
        out.parts = std::move(key);
        return out;
    }
    const auto bytes = TRY(inflated(TRY(bytes_from_column(row.parts)), kPartsMost, key_bytes));
    const auto before = TRY(id_before(sql, out.host, place.revision));
    out.parts = TRY(decode_parts(bytes, before, &key, apart_in(sql)));
    return out;
}

Result<StoredConclusion> read_conclusion(soci::session& sql, const std::string& digest) {
    constexpr std::size_t kHex = 64;
    StoredConclusion out;
    std::string hex;
    if (digest.size() != kHex || !from_hex(digest, kHex))
        return fail(ErrorCode::not_found, "no such conclusion");
    if (!Query(sql,
               "SELECT host, encode(document, 'hex') FROM conclusions WHERE digest = decode(:digest, 'hex')",
               digest)
             .one(out.host, hex))
        return fail(ErrorCode::not_found, "no such conclusion");
    const auto document = TRY(inflated(TRY(bytes_from_column(hex)), limits::kAttestationResult));
    out.document = as_text(document);
    if (sha256(document).hex() != digest)
        return fail(ErrorCode::internal, "database: a conclusion that is not the one of its digest");
    return out;
}

std::optional<ResultNames> newest_names(soci::session& sql, const std::string& host, std::int64_t revision) {
    ResultNames names;
    std::int64_t last = 0;
    if (!Query(
             sql,
             "SELECT encode(t.result_id, 'hex'), encode(c.digest, 'hex'), t.last_revision FROM stays t JOIN "
             "conclusions c ON c.number = t.conclusion WHERE t.host = :host ORDER BY t.first_revision DESC "
             "LIMIT 1",
             host)
             .one(names.id, names.conclusion, last) ||
        last != revision)
        return std::nullopt;
    return names;
}

void put_section(soci::session& sql, const std::string& digest, ByteView bytes) {
    std::int64_t there = 0;
    Query(sql, "SELECT COUNT(*) FROM sections WHERE digest = :digest", digest).one(there);
    if (there != 0) return;
    const auto hex = to_hex(bytes);
    execute(sql,
            "INSERT INTO sections (digest, bytes) VALUES (:digest, decode(:bytes, 'hex')) "
            "ON CONFLICT DO NOTHING",
            digest, hex);
}

Result<std::optional<Bytes>> find_section(soci::session& sql, const std::string& digest) {
    std::string hex;
    if (!Query(sql, "SELECT encode(bytes, 'hex') FROM sections WHERE digest = :digest", digest).one(hex))
        return std::optional<Bytes>();
    return std::optional(TRY(bytes_from_column(hex)));
}

}  // namespace assay::store
