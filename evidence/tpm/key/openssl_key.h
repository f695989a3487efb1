#pragma once

#include <memory>

#include <openssl/evp.h>

#include "evidence/base/bytes.h"
#include "evidence/base/c_handle.h"
#include "evidence/base/result.h"
#include "evidence/tpm/key/tpm_public.h"

/// Inside evidence: TPM keys as OpenSSL has them.
namespace assay::tcg {

using EvpKey = CHandle<EVP_PKEY, EVP_PKEY_free>;
using EvpKeyContext = CHandle<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;

/// `bytes` with zeros in front, `size` bytes long. `bytes` must not be longer.
Bytes left_padded(ByteView bytes, std::size_t size);

/// From raw n, e or x, y by EVP_PKEY_fromdata. `crypto` where OpenSSL refuses: above all a point off its
/// curve.
Result<EvpKey> openssl_key(const TpmPublic& key);
Result<EvpKey> openssl_key(const EccPublic& key);

/// The group name that OpenSSL knows the curve by.
const char* openssl_group(EccCurve curve);
const char* openssl_digest_name(HashAlgorithm algorithm);

/// The newest entry of OpenSSL's error queue as text, and the queue emptied.
std::string openssl_error();

}  // namespace assay::tcg
