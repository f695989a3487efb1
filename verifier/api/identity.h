#pragma once

#include <string>

#include "evidence/base/result.h"
#include "evidence/tcg/tpm_public.h"
#include "verifier/store/records.h"

namespace assay::api {

/// Hex SHA-256 of the key itself, whatever its attributes and however its numbers are padded: "rsa", exponent
/// and modulus, or "ecc", curve and coordinates at full length. So one key cannot be enrolled twice in two
/// encodings.
std::string key_digest(const tcg::TpmPublic& key);

/// What an agent says it is, judged as far as it can be without the TPM's answer.
struct Applicant {
    store::Identity identity;
    tcg::TpmPublic ek;
    Bytes ak_name;
};

/// `refused` with every reason: the EK is not of a sound template, the AK may sign what the TPM did not make,
/// or an EK certificate is about another key. (The certificates' path to a root is judged in each appraisal.)
Result<Applicant> examine_applicant(std::string host, Bytes ek_public, std::vector<Bytes> ek_certificates,
                                    Bytes ak_public);

}  // namespace assay::api
