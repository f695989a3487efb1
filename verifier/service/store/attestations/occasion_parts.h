#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "evidence/base/bytes.h"
#include "evidence/base/digest.h"
#include "evidence/base/result.h"
#include "evidence/wire/attestation_result.h"
#include "evidence/wire/saved_bundle.h"

/// What the store keeps of one attestation beside its conclusion, and how: docs/adr/0015.
namespace assay::store {

/// Sections up to this size, in bytes, are kept in the occasion itself; larger ones once for all.
inline constexpr std::size_t kSmallSection = 1024;
[[nodiscard]] inline bool is_small(ByteView section) {
    return !section.empty() && section.size() <= kSmallSection;
}

/// Whatever a stranger needs to appraise again and the verifier said, but for its conclusion.
struct OccasionParts {
    Evidence evidence;                       ///< only its small sections
    std::map<std::string, std::string> odd;  ///< sections that are not what the manifest names: hex digest
    Challenge challenge;
    KnownHost known;
    std::vector<WorkSession> sessions;
    AttestationResult said;  ///< only the members of the occasion, but for `appraised_at`

    bool operator==(const OccasionParts&) const = default;
};

/// Parts that are put away once per digest, as sections are: what is known of a host and seldom moves, and
/// many work sessions.
using Apart = std::map<std::string, Bytes>;  ///< hex digest -> bytes

struct EncodedParts {
    Bytes bytes;
    Apart apart;
};

/// What of an occasion another is told by.
struct Told {
    std::map<std::string, Bytes, std::less<>> sections;  ///< its small ones
    std::optional<Digest> lasting;                       ///< what was put away of its known host
};
/// Of the bytes of parts that stand for themselves.
Result<Told> told_by(ByteView bytes);
inline Told told_by(const OccasionParts& parts) {
    return {parts.evidence.sections, std::nullopt};
}

/// `before`: id of the occasion before, where there is one. `key`: of an occasion from which this one is
/// told; without it the bytes stand for themselves. What the key's has put away is not put away again.
/// `limit` for more than `decode_parts` takes.
Result<EncodedParts> encode_parts(const OccasionParts& parts, const std::optional<Digest>& before,
                                  const Told* key);

/// Finds what was put away, by hex digest.
using FindApart = std::function<Result<Bytes>(const std::string& digest)>;
inline constexpr std::size_t kPartsMost = 2U << 20U;  ///< encoded parts, bytes

/// Sections of `key` that this manifest names too are filled in.
Result<OccasionParts> decode_parts(ByteView bytes, const std::optional<Digest>& before,
                                   const OccasionParts* key, const FindApart& find_apart);

/// By name, the digest of each section of the evidence.
Result<std::map<std::string, std::string>> section_digests(const OccasionParts& parts);

/// Of a result what `OccasionParts::said` holds.
AttestationResult occasion_of(const AttestationResult& result);
/// `conclusion` with what the parts say.
AttestationResult result_of(AttestationResult conclusion, const OccasionParts& parts,
                            std::int64_t appraised_at);

}  // namespace assay::store
