#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <string_view>

#include "evidence/tpm/quote.h"
#include "evidence/wire/evidence.h"

namespace assay::judge {

/// A manifest that was read, and what binds it to a nonce.
struct BoundManifest {
    Bytes nonce, bytes;  ///< of which
    Manifest manifest;
    Digest binding;  ///< evidence_binding of the two
};

/// What a proof comes to: the host's attestation key signed this manifest for this nonce, and the manifest
/// names this host. Nothing more is judged yet.
struct Proven {
    std::shared_ptr<const Manifest> manifest;  ///< never null
    tcg::Quote quote;
};

/// Why evidence is not proven. A reason class for reviewers; who sent it is told none.
enum class Unproven : std::uint8_t {
    malformed,  ///< no proof, quote, signature or manifest by its form
    nonce,      ///< not this verifier's, or too old
    host,       ///< no host of this name is enrolled, or the manifest names another
    binding,    ///< the quote is over another nonce or manifest
    signature,  ///< not valid under the host's attestation key
    replayed,   ///< the nonce was spent already
};
std::string_view to_string(Unproven reason);

/// At most one signature check, and that only where the quote is over this nonce and manifest. `ak_public`:
/// TPMT_PUBLIC as enrolled. PURE.
std::expected<Proven, Unproven> prove(const Evidence& evidence, std::string_view host, ByteView ak_public);

/// What this thread's last proof read, where it was of these very bytes; else null. The appraisal that
/// follows a proof need not read them once more; it comes to the same without.
std::shared_ptr<const BoundManifest> manifest_of_last_proof(ByteView nonce, ByteView bytes);

}  // namespace assay::judge
