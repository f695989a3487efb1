#pragma once

#include <string>
#include <string_view>

#include "evidence/base/result.h"
#include "evidence/codec/json_reader.h"
#include "evidence/codec/jws.h"

namespace assay::client {

inline constexpr JsonForm kClaims{
    .name = "the token's claims", .limits = {.bytes = kMaxJwsPayload, .values = 200'000}, .open = true};

/// A token of the verifier that verified.
struct SignedToken {
    std::string key_id;
    std::string claims;  ///< a JSON object, to be read with kClaims
};

/// Checks a token (evidence/codec/jws.h: ES256 only, exact form, at most kMaxJws bytes) against the
/// verifier's public keys: a JWKS document, or one PEM public key. The key is chosen by the token's `kid`;
/// the algorithm never by the token. What the claims mean, times too, is the caller's to check. `refused`
/// where it is not believed.
Result<SignedToken> verify_signed_token(std::string_view token, std::string_view keys);

}  // namespace assay::client
