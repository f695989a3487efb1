#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "evidence/base/result.h"

namespace assay {

/// A token of the verifier that verified.
struct SignedToken {
    std::string key_id;
    nlohmann::json claims;  ///< an object
};

/// Checks a token (evidence/codec/jws.h: ES256 only, exact form, at most kMaxJws bytes) against the
/// verifier's public keys: a JWKS document, or one PEM public key. The key is chosen by the token's `kid`;
/// the algorithm never by the token. What the claims mean, times too, is the caller's to check. `refused`
/// where it is not believed.
Result<SignedToken> verify_signed_token(std::string_view token, std::string_view keys);

}  // namespace assay
