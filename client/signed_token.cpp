#include "client/signed_token.h"

#include <cstdlib>

#include <fmt/core.h>
#include <jwt.h>

#include "client/jwk.h"
#include "evidence/base/c_handle.h"
#include "evidence/base/hex.h"
#include "evidence/base/json_door.h"
#include "evidence/base/text.h"

namespace assay {
namespace {

constexpr std::size_t kTokenLimit = 8U << 20U;
constexpr std::size_t kClaimValues = 500'000;
constexpr std::size_t kHeader = 4096;

std::unexpected<Error> refused(std::string_view why) {
    return fail(ErrorCode::refused, fmt::format("the token is not believed: {}", why));
}

Result<nlohmann::json> header_of(std::string_view token) {
    const auto dot = token.find('.');
    if (dot == std::string_view::npos || dot > kHeader)
        return fail(ErrorCode::malformed, "not a JWT: no header");
    const auto bytes = TRY(with_context(from_base64url(token.substr(0, dot), kHeader), "JWT header"));
    return with_context(parse_json(as_text(bytes)), "JWT header");
}

std::string text_of(const nlohmann::json& object, const char* key) {
    const auto member = object.is_object() ? object.find(key) : object.end();
    return member != object.end() && member->is_string() ? member->get<std::string>() : std::string();
}

}  // namespace

Result<SignedToken> verify_signed_token(std::string_view token, std::string_view keys) {
    token = trimmed(token);
    if (token.size() > kTokenLimit) return fail(ErrorCode::limit, "the token is larger than 8 MiB");
    const auto header = TRY(header_of(token));
    // Before any library sees it: a token may not choose its own algorithm.
    if (text_of(header, "alg") != "ES256") return refused("its algorithm is not ES256");
    auto key_id = text_of(header, "kid");
    const auto pem = TRY(public_key_pem(keys, key_id));

    jwt_t* raw = nullptr;
    const std::string text(token);
    if (jwt_decode(&raw, text.c_str(),
                   reinterpret_cast<const unsigned char*>(pem.data()),  // NOLINT: libjwt's type
                   static_cast<int>(pem.size())) != 0) {
        return refused("the signature does not verify under the verifier's key");
    }
    const CHandle<jwt_t, jwt_free> decoded(raw);
    if (jwt_get_alg(decoded.get()) != JWT_ALG_ES256) return refused("its algorithm is not ES256");
    const CHandle<char, std::free> grants(jwt_get_grants_json(decoded.get(), nullptr));
    if (!grants) return fail(ErrorCode::malformed, "the token has no claims");
    auto claims = TRY(with_context(
        parse_json(grants.get(), {.bytes = 2 * kTokenLimit, .values = kClaimValues}), "JWT claims"));
    if (!claims.is_object()) return fail(ErrorCode::malformed, "the token's claims are no object");
    return SignedToken{std::move(key_id), std::move(claims)};
}

}  // namespace assay
