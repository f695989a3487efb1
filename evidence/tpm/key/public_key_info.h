#pragma once

#include "evidence/base/bytes.h"
#include "evidence/base/result.h"
#include "evidence/tpm/key/tpm_public.h"

namespace assay::tcg {

/// The key as an X.509 SubjectPublicKeyInfo (RFC 5280, 4.1.2.7) in DER, an RSA key as rsaEncryption: the form
/// in which tools outside of TPMs name a key. `crypto` where the numbers make no key.
Result<Bytes> subject_public_key_info(const TpmPublic& key);

}  // namespace assay::tcg
