#include "client/jwk.h"

#include <memory>

#include <fmt/core.h>
#include <nlohmann/json.hpp>
#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>

#include "evidence/base/c_handle.h"
#include "evidence/base/hex.h"
#include "evidence/base/json_door.h"
#include "evidence/base/text.h"

namespace assay {
namespace {

using Bio = CHandle<BIO, BIO_free>;
using Key = CHandle<EVP_PKEY, EVP_PKEY_free>;
using KeyContext = CHandle<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;
using ParamBuilder = CHandle<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free>;
using Params = CHandle<OSSL_PARAM, OSSL_PARAM_free>;

constexpr std::size_t kCoordinate = 32;

std::string text_of(const nlohmann::json& object, const char* key) {
    const auto member = object.find(key);
    return member != object.end() && member->is_string() ? member->get<std::string>() : std::string();
}

Result<Key> p256_key(const nlohmann::json& jwk) {
    if (text_of(jwk, "kty") != "EC" || text_of(jwk, "crv") != "P-256") {
        return fail(ErrorCode::unsupported, "the key is not EC P-256");
    }
    const auto x = TRY(with_context(from_base64url(text_of(jwk, "x"), kCoordinate), "key: x"));
    const auto y = TRY(with_context(from_base64url(text_of(jwk, "y"), kCoordinate), "key: y"));
    if (x.size() != kCoordinate || y.size() != kCoordinate)
        return fail(ErrorCode::malformed, "key: a coordinate is not 32 bytes");
    Bytes point{std::byte{4}};
    point.insert(point.end(), x.begin(), x.end());
    point.insert(point.end(), y.begin(), y.end());

    const ParamBuilder builder(OSSL_PARAM_BLD_new());
    OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0);
    OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size());
    const Params params(OSSL_PARAM_BLD_to_param(builder.get()));
    const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
    EVP_PKEY* raw = nullptr;
    if (EVP_PKEY_fromdata_init(context.get()) != 1 ||
        EVP_PKEY_fromdata(context.get(), &raw, EVP_PKEY_PUBLIC_KEY, params.get()) != 1) {
        return fail(ErrorCode::crypto, "the key's point is not on its curve");
    }
    return Key(raw);
}

Result<std::string> to_pem(EVP_PKEY* key) {
    const Bio out(BIO_new(BIO_s_mem()));
    if (PEM_write_bio_PUBKEY(out.get(), key) != 1)
        return fail(ErrorCode::crypto, "the key cannot be written as PEM");
    char* data = nullptr;
    const auto size = BIO_get_mem_data(out.get(), &data);
    return std::string(data, static_cast<std::size_t>(size));
}

}  // namespace

Result<std::string> public_key_pem(std::string_view keys, std::string_view key_id) {
    if (keys.find("-----BEGIN") != std::string_view::npos) {
        const Bio in(BIO_new_mem_buf(keys.data(), static_cast<int>(keys.size())));
        const Key key(PEM_read_bio_PUBKEY(in.get(), nullptr, nullptr, nullptr));
        if (!key) return fail(ErrorCode::malformed, "no public key in the PEM file");
        return to_pem(key.get());
    }
    const auto document = TRY(with_context(parse_json(keys), "keys"));
    const auto list = document.find("keys");
    if (list == document.end() || !list->is_array())
        return fail(ErrorCode::malformed, "keys: neither PEM nor a JWKS document");
    for (const auto& jwk : *list) {
        if (jwk.is_object() && text_of(jwk, "kid") == key_id) return to_pem(TRY(p256_key(jwk)).get());
    }
    return fail(ErrorCode::not_found,
                fmt::format("the keys have none with the id '{}' that the token names", printable(key_id)));
}

}  // namespace assay
