#include "client/signing/signed_token.h"

#include <utility>

#include "client/signing/jwk.h"
#include "evidence/codec/json_door.h"
#include "evidence/codec/jws.h"

namespace assay {
namespace {

constexpr JsonLimits kClaims{.bytes = kMaxJwsPayload, .values = 200'000};

}  // namespace

Result<SignedToken> verify_signed_token(std::string_view token, std::string_view keys) {
    auto parsed = TRY(with_context(parse_jws(token), "the token is not believed"));
    auto key_id = parsed.key_id;
    const auto key = TRY(public_key_of(keys, key_id));
    const auto payload =
        TRY(with_context(verified_payload(std::move(parsed), key), "the token is not believed"));
    auto claims = TRY(with_context(parse_json(as_text(payload), kClaims), "the token's claims"));
    if (!claims.is_object()) return fail(ErrorCode::malformed, "the token's claims are no object");
    return SignedToken{std::move(key_id), std::move(claims)};
}

}  // namespace assay
