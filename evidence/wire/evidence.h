#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "evidence/base/bytes.h"
#include "evidence/base/digest.h"
#include "evidence/base/result.h"

/// What a host sends for one attestation. docs/formats/evidence.md is the page.
namespace assay {

inline constexpr std::string_view kEvidenceDomain = "assay-evidence-v1";
inline constexpr std::size_t kNonceSize = 32;

struct ManifestEntry {
    std::string name;          ///< 1..64 of [a-z0-9-]
    std::uint64_t length = 0;  ///< bytes of the section
    Digest digest;             ///< SHA-256 of the section's bytes

    bool operator==(const ManifestEntry&) const = default;
};

/// Names every section with its length and digest. Its own digest is in the quote's extraData, so whatever it
/// names is under the AK's signature.
struct Manifest {
    std::string host;                    ///< the host's name, as enrolled
    std::string boot_id;                 ///< the kernel's random boot id, 36 characters
    std::vector<ManifestEntry> entries;  ///< ascending by name, each name once

    [[nodiscard]] const ManifestEntry* find(std::string_view name) const;
    bool operator==(const Manifest&) const = default;
};

/// Deterministic CBOR. Entries are sorted; a name twice is refused by `decode_manifest`.
Bytes encode_manifest(const Manifest& manifest);
Result<Manifest> decode_manifest(ByteView bytes);

/// TPM2_NV_Certify of the journal's two NV indices by the AK, over the quote's extraData:
/// evidence/tpm/journal_index.h.
struct JournalProof {
    /// TPMS_ATTEST of the EXTEND index. Empty while the journal rests: a counter that did not move since the
    /// verifier saw it last says that nothing was extended.
    Bytes value_attest;
    Bytes value_signature;  ///< TPMT_SIGNATURE; empty with it
    Bytes counter_attest;   ///< TPMS_ATTEST of the counter
    Bytes counter_signature;
    bool operator==(const JournalProof&) const = default;
};

/// The manifest exactly as it was hashed, the quote, and those sections that the verifier does not hold yet.
/// Nothing in here has been verified.
struct Evidence {
    Bytes nonce;      ///< the challenge it answers, 32 bytes
    Bytes manifest;   ///< encoded Manifest
    Bytes quote;      ///< TPMS_ATTEST
    Bytes signature;  ///< TPMT_SIGNATURE
    std::map<std::string, Bytes, std::less<>> sections;
    std::optional<JournalProof> journal_proof =
        {};  ///< absent where the TPM has no such indices, or gave none

    bool operator==(const Evidence&) const = default;
};

Bytes encode_evidence(const Evidence& evidence);
Result<Evidence> decode_evidence(ByteView bytes);

/// The quote's extraData: SHA-256("assay-evidence-v1" || nonce || SHA-256(manifest)).
Digest evidence_binding(ByteView nonce, ByteView manifest);

/// Builds the manifest of `sections` and returns it encoded.
Bytes manifest_of(std::string_view host, std::string_view boot_id,
                  const std::map<std::string, Bytes, std::less<>>& sections);

}  // namespace assay
