#pragma once

#include "verifier/judge/rim/cbor_item.h"
#include "verifier/judge/rim/rim.h"

namespace assay::rim {

/// A COSE_Sign1 (RFC 9052, 4.2) that was taken apart and not verified. Borrows.
struct CoseSign1 {
    ByteView protected_bytes;
    cbor::Item protected_header;    ///< a map
    cbor::Item unprotected_header;  ///< a map
    ByteView payload;
    std::size_t payload_offset = 0;
    ByteView signature;
    std::size_t offset = 0;
};

/// `item`: the array of four, without its tag 18.
Result<CoseSign1> read_cose_sign1(const cbor::Item& item);

/// Verifies it and says who signed. ES256, ES384, ES512, PS256, PS384, PS512, RS256, RS384, RS512, EdDSA
/// (Ed25519, Ed448), each with a key of its own kind; ES with its own curve alone. The algorithm must be in
/// the protected header. Tried are the first certificate of x5chain (RFC 9360; its others are the path), the
/// trusted keys and the trusted certificates; what verifies must be trusted (signer_path.h). `refused` with
/// the reason: no or an unknown algorithm, a critical header that is not known, a detached payload, nobody's
/// signature, a signer who is not trusted.
Result<RimSigner> verify_cose_sign1(const CoseSign1& message, const RimTrust& trust);

/// What is signed: Sig_structure with an empty external_aad (RFC 9052, 4.4).
Bytes sig_structure(ByteView protected_bytes, ByteView payload);

}  // namespace assay::rim
