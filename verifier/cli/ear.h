#pragma once

#include <string>
#include <string_view>

#include "evidence/base/result.h"
#include "evidence/wire/attestation_result.h"

namespace assay::cli {

/// An Attestation Result token that verified: what it holds, and under which key.
struct VerifiedToken {
    std::string key_id;
    AttestationResult result;
};

/// Checks a compact JWT (ES256 only) against the verifier's public keys: a JWKS document, or one PEM public
/// key. The key is chosen by the token's `kid`; the algorithm never by the token. Also refused: another EAR
/// profile, a result whose digest is not the id that the token names, a verdict in the EAR part that is not
/// the result's.
Result<VerifiedToken> verify_token(std::string_view token, std::string_view keys);

}  // namespace assay::cli
