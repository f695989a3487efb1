#include "verifier/api/signer.h"

#include <array>
#include <cstdlib>
#include <memory>

#include <fmt/core.h>
#include <jwt.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "evidence/base/c_handle.h"
#include "evidence/base/digest.h"
#include "evidence/base/hex.h"

namespace assay::api {
namespace {

using Bio = CHandle<BIO, BIO_free>;
using Key = CHandle<EVP_PKEY, EVP_PKEY_free>;
using Number = CHandle<BIGNUM, BN_free>;
using Jwt = CHandle<jwt_t, jwt_free>;
using CText = CHandle<char, std::free>;

constexpr int kCoordinate = 32;  // bytes of one P-256 coordinate (RFC 7518, 6.2.1.2)

Result<std::string> coordinate(const EVP_PKEY* key, const char* name) {
    BIGNUM* raw = nullptr;
    if (EVP_PKEY_get_bn_param(key, name, &raw) != 1)
        return fail(ErrorCode::crypto, "signing key: no coordinate");
    const Number number(raw);
    std::array<std::byte, kCoordinate> bytes{};
    if (BN_bn2binpad(number.get(), as_writable_uchar(bytes), kCoordinate) != kCoordinate) {
        return fail(ErrorCode::crypto, "signing key: a coordinate of another size");
    }
    return to_base64url(bytes);
}

bool is_p256(const EVP_PKEY* key) {
    std::array<char, 64> group{};
    return EVP_PKEY_is_a(key, "EC") == 1 &&
           EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, group.data(), group.size(),
                                          nullptr) == 1 &&
           std::string_view(group.data()) == "prime256v1";
}

}  // namespace

Result<Signer> Signer::from_pem(std::string_view pem) {
    const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    const Key key(bio ? PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr) : nullptr);
    if (!key) return fail(ErrorCode::crypto, "signing key: not a private key in PEM");
    if (!is_p256(key.get())) return fail(ErrorCode::crypto, "signing key: a P-256 key wanted");
    Signer signer;
    signer.pem_ = pem;
    signer.x_ = TRY(coordinate(key.get(), OSSL_PKEY_PARAM_EC_PUB_X));
    signer.y_ = TRY(coordinate(key.get(), OSSL_PKEY_PARAM_EC_PUB_Y));
    // RFC 7638, 3.2: the required members in lexicographic order, no white space.
    const auto canonical =
        fmt::format(R"({{"crv":"P-256","kty":"EC","x":"{}","y":"{}"}})", signer.x_, signer.y_);
    signer.key_id_ = to_base64url(sha256(as_view(canonical)).view());
    return signer;
}

Result<std::string> Signer::sign(const std::string& payload) const {
    jwt_t* raw = nullptr;
    if (jwt_new(&raw) != 0) return fail(ErrorCode::internal, "JWT: no memory");
    const Jwt jwt(raw);
    if (jwt_add_grants_json(jwt.get(), payload.c_str()) != 0) {
        return fail(ErrorCode::internal, "JWT: the payload is not a JSON object");
    }
    const auto* key = reinterpret_cast<const unsigned char*>(pem_.c_str());  // NOLINT: what the library takes
    if (jwt_set_alg(jwt.get(), JWT_ALG_ES256, key, static_cast<int>(pem_.size())) != 0 ||
        jwt_add_header(jwt.get(), "kid", key_id_.c_str()) != 0 ||
        jwt_add_header(jwt.get(), "typ", "JWT") != 0) {
        return fail(ErrorCode::internal, "JWT: header or key refused");
    }
    const CText text(jwt_encode_str(jwt.get()));
    if (!text) return fail(ErrorCode::internal, "JWT: could not be signed");
    return std::string(text.get());
}

std::string Signer::jwks() const {
    return fmt::format(
        R"({{"keys":[{{"alg":"ES256","crv":"P-256","kid":"{}","kty":"EC","use":"sig","x":"{}","y":"{}"}}]}})",
        key_id_, x_, y_);
}

}  // namespace assay::api
