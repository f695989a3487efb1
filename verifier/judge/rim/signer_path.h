#pragma once

#include <string>
#include <vector>

#include <openssl/evp.h>

#include "evidence/base/c_handle.h"
#include "verifier/judge/rim/rim.h"

/// Inside verifier/judge/rim: does a certificate that came with a manifest lead to one that the owner trusts?
namespace assay::rim {

using EvpKey = CHandle<EVP_PKEY, EVP_PKEY_free>;

/// One who may have signed: not trusted by being here.
struct Candidate {
    Bytes certificate;  ///< DER; empty for a key alone
    Bytes key;          ///< SubjectPublicKeyInfo in DER, where there is no certificate
};

/// The candidate's public key; `crypto` where it is none, or under 112 bits of security (RSA under 2048).
Result<EvpKey> public_key(const Candidate& candidate);

/// The signer, if the owner trusts it at `trust.at_unix_time`: a key that is one of `trust.keys`, or a
/// certificate with a path over `others` (untrusted, DER) to one of `trust.certificates`, or itself one of
/// them. RFC 5280 with key sizes and hashes of at least 112 bits; where the certificate has a key usage it
/// must be for signatures. `refused` with every reason.
Result<RimSigner> trusted_signer(const Candidate& candidate, const std::vector<Bytes>& others,
                                 const RimTrust& trust);

}  // namespace assay::rim
