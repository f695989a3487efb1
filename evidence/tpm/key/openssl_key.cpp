#include "evidence/tpm/key/openssl_key.h"

#include <algorithm>
#include <array>

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/param_build.h>

namespace assay::tcg {
namespace {

using Number = CHandle<BIGNUM, BN_free>;
using ParamBuilder = CHandle<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free>;
using Params = CHandle<OSSL_PARAM, OSSL_PARAM_free>;

Result<EvpKey> from_data(const char* type, OSSL_PARAM* params) {
    const EvpKeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
    EVP_PKEY* key = nullptr;
    if (!context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
        EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, params) != 1) {
        return fail(ErrorCode::crypto, std::string(type) + " public key refused: " + openssl_error());
    }
    return EvpKey(key);
}

Result<EvpKey> openssl_key(const RsaPublic& rsa) {
    const Number n(BN_bin2bn(as_uchar(rsa.modulus), static_cast<int>(rsa.modulus.size()), nullptr));
    const Number e(BN_new());
    const ParamBuilder builder(OSSL_PARAM_BLD_new());
    if (!n || !e || !builder || BN_set_word(e.get(), rsa.exponent) != 1 ||
        OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) != 1 ||
        OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) != 1) {
        return fail(ErrorCode::crypto, "RSA public key: " + openssl_error());
    }
    const Params params(OSSL_PARAM_BLD_to_param(builder.get()));
    return from_data("RSA", params.get());
}

}  // namespace

Bytes left_padded(ByteView bytes, std::size_t size) {
    Bytes padded(size - std::min(size, bytes.size()));
    padded.insert(padded.end(), bytes.begin(), bytes.end());
    return padded;
}

Result<EvpKey> openssl_key(const EccPublic& ecc) {
    // SEC 1, 2.3.3: uncompressed. OpenSSL refuses a point that is not on the curve; the cofactor of all three
    // is 1.
    const std::size_t size = coordinate_size(ecc.curve);
    if (ecc.x.size() > size || ecc.y.size() > size)
        return fail(ErrorCode::crypto, "coordinate above the field size");
    Bytes point{std::byte{4}};
    for (const auto& coordinate : {left_padded(ecc.x, size), left_padded(ecc.y, size)}) {
        point.insert(point.end(), coordinate.begin(), coordinate.end());
    }
    std::string group = openssl_group(ecc.curve);
    std::array params{
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group.data(), 0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()),
        OSSL_PARAM_construct_end(),
    };
    return from_data("EC", params.data());
}

Result<EvpKey> openssl_key(const TpmPublic& key) {
    return std::visit([](const auto& numbers) { return openssl_key(numbers); }, key.key);
}

const char* openssl_group(EccCurve curve) {
    switch (curve) {
        case EccCurve::p256:
            return "prime256v1";
        case EccCurve::p384:
            return "secp384r1";
        case EccCurve::p521:
            return "secp521r1";
    }
    return "";
}

const char* openssl_digest_name(HashAlgorithm algorithm) {
    switch (algorithm) {
        case HashAlgorithm::sha1:
            return "SHA1";
        case HashAlgorithm::sha256:
            return "SHA256";
        case HashAlgorithm::sha384:
            return "SHA384";
        case HashAlgorithm::sha512:
            return "SHA512";
    }
    return "";
}

std::string openssl_error() {
    const unsigned long code = ERR_peek_last_error();
    ERR_clear_error();
    if (code == 0) return "no reason given";
    const char* reason = ERR_reason_error_string(code);
    return reason != nullptr ? reason : "OpenSSL error " + std::to_string(code);
}

}  // namespace assay::tcg
