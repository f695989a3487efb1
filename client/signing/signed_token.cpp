#include "client/signing/signed_token.h"

#include <utility>

#include "client/signing/jwk.h"

namespace assay::client {
Result<SignedToken> verify_signed_token(std::string_view token, std::string_view keys) {
    auto parsed = TRY(with_context(parse_jws(token), "the token is not believed"));
    auto key_id = parsed.key_id;
    const auto key = TRY(public_key_of(keys, key_id));
    const auto payload =
        TRY(with_context(verified_payload(std::move(parsed), key), "the token is not believed"));
    std::string claims(as_text(payload));
    TRY_VOID(JsonReader(claims, kClaims).finish());
    return SignedToken{std::move(key_id), std::move(claims)};
}

}  // namespace assay::client
