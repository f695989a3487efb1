#include "client/signing/jwk.h"

#include <string>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "evidence/base/hex.h"
#include "evidence/base/text.h"
#include "evidence/codec/json_door.h"

namespace assay {
namespace {

std::string text_of(const nlohmann::json& object, const char* key) {
    const auto member = object.find(key);
    return member != object.end() && member->is_string() ? member->get<std::string>() : std::string();
}

Result<Es256PublicKey> p256_key(const nlohmann::json& jwk) {
    if (text_of(jwk, "kty") != "EC" || text_of(jwk, "crv") != "P-256") {
        return fail(ErrorCode::unsupported, "the key is not EC P-256");
    }
    const auto x = TRY(with_context(from_base64url(text_of(jwk, "x"), kP256Coordinate), "key: x"));
    const auto y = TRY(with_context(from_base64url(text_of(jwk, "y"), kP256Coordinate), "key: y"));
    return Es256PublicKey::from_point(x, y);
}

}  // namespace

Result<Es256PublicKey> public_key_of(std::string_view keys, std::string_view key_id) {
    if (keys.find("-----BEGIN") != std::string_view::npos) return Es256PublicKey::from_pem(keys);
    const auto document = TRY(with_context(parse_json(keys), "keys"));
    const auto list = document.find("keys");
    if (list == document.end() || !list->is_array())
        return fail(ErrorCode::malformed, "keys: neither PEM nor a JWKS document");
    for (const auto& jwk : *list) {
        if (jwk.is_object() && text_of(jwk, "kid") == key_id) return p256_key(jwk);
    }
    return fail(ErrorCode::not_found,
                fmt::format("the keys have none with the id '{}' that the token names", printable(key_id)));
}

}  // namespace assay
