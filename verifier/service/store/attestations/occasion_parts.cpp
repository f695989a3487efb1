#include "verifier/service/store/attestations/occasion_parts.h"

#include <algorithm>
#include <span>
#include <utility>

#include "evidence/base/hex.h"
#include "evidence/base/limits.h"
#include "evidence/codec/fields.h"
#include "verifier/service/store/columns.h"

namespace assay::store {
namespace {

using wire::Blob;
using wire::field;
using wire::Integer;
using wire::List;
using wire::Maybe;
using wire::Text;
using wire::Unsigned;

/// A byte string with digests cut out of it that the reader can compute: one piece where nothing is cut.
using Pieces = std::vector<Bytes>;

struct PackedProof {
    Pieces value_attest, counter_attest;
    Bytes value_signature, counter_signature;
};
struct PackedSection {
    std::string name;
    Bytes bytes;
};
struct PackedName {
    std::string name, digest;
};

struct Packed {
    std::uint64_t version = 0;
    std::string boot_id;
    Digest lasting;                  ///< of what seldom moves of the known host
    std::optional<Digest> sessions;  ///< of many sessions
    std::optional<Bytes> few_sessions;
    std::vector<PackedName> odd;
    std::optional<std::vector<PackedName>> inputs;  ///< where they are not those that follow from the rest
    Pieces manifest;
    std::vector<PackedSection> sections;
    std::uint64_t acknowledged = 0;
    std::int64_t challenged_at = 0;
    Bytes challenge;
    Bytes moving;                    ///< the rest of the known host
    std::optional<Digest> previous;  ///< where it is not the occasion before
    bool follows = false;            ///< it is
    Bytes nonce;
    Pieces quote;
    std::optional<PackedProof> proof;
    Bytes signature;
};

constexpr Blob kBytes{0, limits::kStateDocument};
constexpr List kPieces{kBytes, limits::kSections + 1};
constexpr auto kProof = wire::record(
    field("a", &PackedProof::value_attest, kPieces), field("b", &PackedProof::counter_attest, kPieces),
    field("c", &PackedProof::value_signature, kBytes), field("d", &PackedProof::counter_signature, kBytes));
constexpr auto kSection = wire::record(field("n", &PackedSection::name, Text{}),
                                       field("s", &PackedSection::bytes, Blob{0, kSmallSection}));
constexpr auto kName =
    wire::record(field("d", &PackedName::digest, Text{}), field("n", &PackedName::name, Text{}));
// What is the same in most occasions of a host stands first, what is new in each behind it.
constexpr auto kPacked = wire::record(
    wire::Version{"a"}, field("b", &Packed::version, Unsigned{}), field("c", &Packed::boot_id, Text{}),
    field("d", &Packed::lasting, wire::DigestOf{}), field("e", &Packed::sessions, Maybe{wire::DigestOf{}}),
    field("f", &Packed::few_sessions, Maybe{kBytes}),
    field("g", &Packed::odd, List{kName, limits::kSections}),
    field("h", &Packed::inputs, Maybe{List{kName, limits::kSections}}),
    field("i", &Packed::manifest, kPieces), field("j", &Packed::sections, List{kSection, limits::kSections}),
    field("k", &Packed::acknowledged, Unsigned{}), field("l", &Packed::challenged_at, Integer{}),
    field("m", &Packed::challenge, kBytes), field("n", &Packed::moving, kBytes),
    field("o", &Packed::previous, Maybe{wire::DigestOf{}}), field("p", &Packed::follows, wire::Flag{}),
    field("q", &Packed::nonce, kBytes), field("r", &Packed::quote, kPieces),
    field("s", &Packed::proof, Maybe{kProof}), field("t", &Packed::signature, kBytes));

Pieces cut(const Bytes& bytes, std::span<const Digest> joints) {
    Pieces pieces;
    auto from = bytes.begin();
    for (const auto& joint : joints) {
        const auto found = std::search(from, bytes.end(), joint.view().begin(), joint.view().end());
        if (found == bytes.end()) return {bytes};
        pieces.emplace_back(from, found);
        from = found + static_cast<std::ptrdiff_t>(joint.view().size());
    }
    pieces.emplace_back(from, bytes.end());
    return pieces;
}

Result<Bytes> joined(const Pieces& pieces, std::span<const Digest> joints) {
    if (pieces.size() == 1) return pieces.front();
    if (pieces.size() != joints.size() + 1)
        return fail(ErrorCode::internal, "database: an occasion in other pieces than its digests");
    Bytes out = pieces.front();
    for (std::size_t i = 0; i < joints.size(); ++i) {
        const auto digest = joints[i].view();
        out.insert(out.end(), digest.begin(), digest.end());
        out.insert(out.end(), pieces[i + 1].begin(), pieces[i + 1].end());
    }
    return out;
}

/// Moves, from one to the other, what each attestation may change.
void move_moving(KnownHost& from, KnownHost& to) {
    to.last_clock_ms = std::exchange(from.last_clock_ms, 0);
    to.last_reset_count = std::exchange(from.last_reset_count, 0);
    to.last_restart_count = std::exchange(from.last_restart_count, 0);
    to.journal_sequence = std::exchange(from.journal_sequence, 0);
    to.journal_head = std::exchange(from.journal_head, {});
    to.boot_clock = std::exchange(from.boot_clock, {});
    to.judged = std::exchange(from.judged, {});
    to.journal_anchor = std::exchange(from.journal_anchor, {});
    to.elsewhere = std::exchange(from.elsewhere, {});
    to.ima = std::exchange(from.ima, {});
    to.previous = std::exchange(from.previous, {});
    to.present = std::exchange(from.present, {});
    to.news = std::exchange(from.news, {});
    to.watch = std::exchange(from.watch, {});
    to.rolled_back = std::exchange(from.rolled_back, {});
}

Bytes encoded_sessions(const std::vector<WorkSession>& sessions) {
    std::vector<Bytes> items;
    for (const auto& session : sessions) items.push_back(encode_work_session(session));
    return encode_list(items);
}

/// What an appraisal names its inputs by: verifier/judge/appraisal/steps/conclude.cpp. Where it does
/// otherwise, the digests are kept as they are.
Result<std::map<std::string, std::string>> following_inputs(const OccasionParts& parts) {
    const auto& evidence = parts.evidence;
    Hasher hasher(HashAlgorithm::sha256);
    hasher.update(kEvidenceDomain);
    for (const auto* part : {&evidence.nonce, &evidence.manifest, &evidence.quote, &evidence.signature})
        hasher.update(sha256(*part).view());
    const auto digests = TRY(section_digests(parts));
    for (const auto& [name, hex] : digests) {
        hasher.update(sha256(as_view(name)).view());
        if (const auto digest = from_hex(hex, hex.size())) hasher.update(*digest);
    }
    Hasher sessions(HashAlgorithm::sha256);
    for (const auto& session : parts.sessions) sessions.update(sha256(encode_work_session(session)).view());
    return std::map<std::string, std::string>{{"evidence", hasher.finish().hex()},
                                              {"challenge", sha256(encode_challenge(parts.challenge)).hex()},
                                              {"known_host", sha256(encode_known_host(parts.known)).hex()},
                                              {"sessions", sessions.finish().hex()}};
}

std::vector<PackedName> packed_names(const std::map<std::string, std::string>& names) {
    std::vector<PackedName> out;
    for (const auto& [name, digest] : names) out.push_back({name, digest});
    return out;
}

bool has(const Told* key, const std::string& name, ByteView bytes) {
    if (key == nullptr) return false;
    const auto found = key->sections.find(name);
    return found != key->sections.end() && equal(found->second, bytes);
}

std::vector<Digest> named_digests(const std::vector<PackedSection>& sections) {
    std::vector<Digest> out;
    for (const auto& section : sections) out.push_back(sha256(section.bytes));
    return out;
}

void pack_known(const OccasionParts& parts, const std::optional<Digest>& before, const Told* key,
                Packed& packed, Apart& apart) {
    auto lasting = parts.known;
    KnownHost moving;
    moving.name = lasting.name;
    move_moving(lasting, moving);
    packed.previous = std::exchange(moving.previous, {});
    packed.follows = packed.previous && packed.previous == before;
    if (packed.follows) packed.previous.reset();
    packed.moving = encode_known_host(moving);
    auto bytes = encode_known_host(lasting);
    packed.lasting = sha256(bytes);
    if (key == nullptr || key->lasting != packed.lasting)
        apart.emplace(packed.lasting.hex(), std::move(bytes));
}

Result<KnownHost> unpacked_known(const Packed& packed, const std::optional<Digest>& before,
                                 const FindApart& find_apart) {
    auto known = TRY(decode_known_host(TRY(find_apart(packed.lasting.hex()))));
    auto moving = TRY(decode_known_host(packed.moving));
    move_moving(moving, known);
    known.previous = packed.follows ? before : packed.previous;
    if (packed.follows && !before) return fail(ErrorCode::internal, "database: no occasion before this one");
    return known;
}

/// Quote and certifications are over the digest of nonce and manifest.
Result<> unpack_evidence(const Packed& packed, const OccasionParts* key, OccasionParts& parts) {
    auto& evidence = parts.evidence;
    evidence.nonce = packed.nonce;
    evidence.manifest = TRY(joined(packed.manifest, named_digests(packed.sections)));
    const std::vector binding{evidence_binding(evidence.nonce, evidence.manifest)};
    evidence.quote = TRY(joined(packed.quote, binding));
    evidence.signature = packed.signature;
    if (packed.proof) {
        auto& proof = evidence.journal_proof.emplace();
        proof.value_attest = TRY(joined(packed.proof->value_attest, binding));
        proof.counter_attest = TRY(joined(packed.proof->counter_attest, binding));
        proof.value_signature = packed.proof->value_signature;
        proof.counter_signature = packed.proof->counter_signature;
    }
    for (const auto& [name, bytes] : packed.sections) evidence.sections[name] = bytes;
    for (const auto& [name, digest] : packed.odd) parts.odd[name] = digest;
    if (key == nullptr) return {};
    const auto digests = TRY(section_digests(parts));
    for (const auto& [name, digest] : digests) {
        const auto found = key->evidence.sections.find(name);
        if (found != key->evidence.sections.end() && sha256(found->second).hex() == digest)
            evidence.sections.emplace(name, found->second);
    }
    return {};
}

Result<std::vector<WorkSession>> unpacked_sessions(const Packed& packed, const FindApart& find_apart) {
    std::vector<WorkSession> out;
    Bytes bytes;
    if (packed.sessions) bytes = TRY(find_apart(packed.sessions->hex()));
    if (packed.few_sessions) bytes = *packed.few_sessions;
    for (const auto& each : TRY(decode_list(bytes))) out.push_back(TRY(decode_work_session(each)));
    return out;
}

}  // namespace

Result<std::map<std::string, std::string>> section_digests(const OccasionParts& parts) {
    std::map<std::string, std::string> digests;
    const auto manifest = TRY(decode_manifest(parts.evidence.manifest));
    for (const auto& entry : manifest.entries) digests[entry.name] = entry.digest.hex();
    for (const auto& [name, digest] : parts.odd) digests[name] = digest;
    return digests;
}

Result<Told> told_by(ByteView bytes) {
    auto packed = TRY(wire::decode_document<Packed>(kPacked, bytes, "stored occasion", kPartsMost));
    Told out;
    out.lasting = packed.lasting;
    for (auto& section : packed.sections)
        out.sections.emplace(std::move(section.name), std::move(section.bytes));
    return out;
}

Result<EncodedParts> encode_parts(const OccasionParts& parts, const std::optional<Digest>& before,
                                  const Told* key) {
    const auto& evidence = parts.evidence;
    const auto& said = parts.said;
    EncodedParts out;
    Packed packed;
    packed.version = static_cast<std::uint64_t>(said.version);
    packed.boot_id = said.boot_id;
    packed.acknowledged = said.journal_acknowledged;
    packed.challenged_at = said.challenged_at;
    packed.challenge = encode_challenge(parts.challenge);
    packed.odd = packed_names(parts.odd);
    if (said.inputs != TRY(following_inputs(parts))) packed.inputs = packed_names(said.inputs);
    pack_known(parts, before, key, packed, out.apart);
    auto sessions = encoded_sessions(parts.sessions);
    if (sessions.size() <= kSmallSection) {
        packed.few_sessions = std::move(sessions);
    } else {
        packed.sessions = sha256(sessions);
        out.apart.emplace(packed.sessions->hex(), std::move(sessions));
    }
    for (const auto& [name, bytes] : evidence.sections) {
        if (!has(key, name, bytes)) packed.sections.push_back({name, bytes});
    }
    packed.nonce = evidence.nonce;
    packed.signature = evidence.signature;
    // Only where another occasion tells the rest: that one must show all of it, to be told from.
    std::vector<Digest> binding;
    if (key != nullptr) binding.push_back(evidence_binding(evidence.nonce, evidence.manifest));
    packed.manifest =
        cut(evidence.manifest, key == nullptr ? std::vector<Digest>() : named_digests(packed.sections));
    packed.quote = cut(evidence.quote, binding);
    if (const auto& proof = evidence.journal_proof) {
        packed.proof = PackedProof{cut(proof->value_attest, binding), cut(proof->counter_attest, binding),
                                   proof->value_signature, proof->counter_signature};
    }
    out.bytes = wire::encode_document(kPacked, packed);
    if (out.bytes.size() > kPartsMost)
        return fail(ErrorCode::limit, "an attestation with more beside its sections than is kept of one");
    return out;
}

Result<OccasionParts> decode_parts(ByteView bytes, const std::optional<Digest>& before,
                                   const OccasionParts* key, const FindApart& find_apart) {
    const auto packed = TRY(wire::decode_document<Packed>(kPacked, bytes, "stored occasion", kPartsMost));
    OccasionParts parts;
    TRY_VOID(unpack_evidence(packed, key, parts));
    parts.challenge = TRY(decode_challenge(packed.challenge));
    parts.known = TRY(unpacked_known(packed, before, find_apart));
    parts.sessions = TRY(unpacked_sessions(packed, find_apart));
    auto& said = parts.said;
    said.version = static_cast<std::int64_t>(packed.version);
    said.boot_id = packed.boot_id;
    said.challenged_at = packed.challenged_at;
    said.journal_acknowledged = packed.acknowledged;
    if (parts.known.previous) said.previous = parts.known.previous->hex();
    if (!packed.inputs) said.inputs = TRY(following_inputs(parts));
    if (packed.inputs) {
        for (const auto& [name, digest] : *packed.inputs) said.inputs[name] = digest;
    }
    return parts;
}

AttestationResult occasion_of(const AttestationResult& result) {
    AttestationResult said;
    said.version = result.version;
    said.boot_id = result.boot_id;
    said.challenged_at = result.challenged_at;
    said.journal_acknowledged = result.journal_acknowledged;
    said.previous = result.previous;
    for (const auto& input : result.inputs) {
        if (input.first != "policy" && input.first != "roots" && input.first != "vendors")
            said.inputs.insert(input);
    }
    return said;
}

AttestationResult result_of(AttestationResult conclusion, const OccasionParts& parts,
                            std::int64_t appraised_at) {
    const auto& said = parts.said;
    conclusion.version = said.version;
    conclusion.boot_id = said.boot_id;
    conclusion.challenged_at = said.challenged_at;
    conclusion.journal_acknowledged = said.journal_acknowledged;
    conclusion.previous = said.previous;
    conclusion.appraised_at = appraised_at;
    conclusion.inputs.insert(said.inputs.begin(), said.inputs.end());
    return conclusion;
}

}  // namespace assay::store
