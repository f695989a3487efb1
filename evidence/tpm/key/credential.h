#pragma once

#include <string>
#include <vector>

#include "evidence/base/bytes.h"
#include "evidence/base/result.h"
#include "evidence/tpm/key/tpm_public.h"

namespace assay::tcg {

/// The two inputs of TPM2_ActivateCredential, each with the 16-bit size in front that makes it a TPM2B.
struct Credential {
    Bytes id_object;         ///< TPM2B_ID_OBJECT (TPM 2.0 Part 2, 12.4.3)
    Bytes encrypted_secret;  ///< TPM2B_ENCRYPTED_SECRET (Part 2, 11.4.33)
};

/// Why a secret must not be sent to this "EK"; empty if it may. Whoever chooses the template chooses how well
/// the secret is protected, so this asks for: restricted, decrypt, not sign, fixedTPM, fixedParent,
/// sensitiveDataOrigin; AES-CFB of 128 or 256 bits; RSA of at least 2048 bits, or P-256, P-384. (A SHA-1 name
/// algorithm does not parse.) (TCG EK Credential Profile 2.5, B.3 and B.4)
std::vector<std::string> ek_template_violations(const TpmPublic& ek);

/// TPM2_MakeCredential in software (Part 1, 24): only a TPM that holds both the private part of `ek` and a
/// loaded object of Name `object_name` can give `secret` back. `secret`: 16 to 32 bytes, and not more than a
/// digest of the EK's name algorithm; it must be unpredictable, and used once. Not a function of its
/// arguments alone: seed and ephemeral key come from OpenSSL's random generator. Errors: `refused` with every
/// violation of the template; `usage` for the secret's or the Name's size; `crypto`.
Result<Credential> make_credential(const TpmPublic& ek, ByteView object_name, ByteView secret);

}  // namespace assay::tcg
