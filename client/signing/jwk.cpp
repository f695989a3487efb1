#include "client/signing/jwk.h"

#include <string>

#include <fmt/core.h>

#include "evidence/base/hex.h"
#include "evidence/base/text.h"
#include "evidence/codec/json_reader.h"

namespace assay::client {
namespace {

Result<Es256PublicKey> p256_key(JsonReader& jwk) {
    if (jwk.peek("kty") != "EC" || jwk.peek("crv") != "P-256") {
        return fail(ErrorCode::unsupported, "the key is not EC P-256");
    }
    const auto x = TRY(with_context(from_base64url(jwk.peek("x"), kP256Coordinate), "key: x"));
    const auto y = TRY(with_context(from_base64url(jwk.peek("y"), kP256Coordinate), "key: y"));
    return Es256PublicKey::from_point(x, y);
}

}  // namespace

Result<Es256PublicKey> public_key_of(std::string_view keys, std::string_view key_id) {
    if (keys.find("-----BEGIN") != std::string_view::npos) return Es256PublicKey::from_pem(keys);
    JsonReader document(keys, {.name = "keys", .open = true});
    Result<Es256PublicKey> found =
        fail(ErrorCode::not_found,
             fmt::format("the keys have none with the id '{}' that the token names", printable(key_id)));
    document.need("keys");
    document.each("keys", [&](JsonReader& jwk) {
        if (!found && found.error().code == ErrorCode::not_found && jwk.peek("kid") == key_id)
            found = p256_key(jwk);
    });
    TRY_VOID(document.finish());
    return found;
}

}  // namespace assay::client
