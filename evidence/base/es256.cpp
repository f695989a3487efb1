#include "evidence/base/es256.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>

namespace assay {
namespace {

using Bio = CHandle<BIO, BIO_free>;
using Key = CHandle<EVP_PKEY, EVP_PKEY_free>;
using KeyContext = CHandle<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;
using DigestContext = CHandle<EVP_MD_CTX, EVP_MD_CTX_free>;
using ParamBuilder = CHandle<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free>;
using Params = CHandle<OSSL_PARAM, OSSL_PARAM_free>;
using Number = CHandle<BIGNUM, BN_free>;
using DerValues = CHandle<ECDSA_SIG, ECDSA_SIG_free>;

constexpr std::size_t kMaxPem = 64U << 10U;
constexpr std::size_t kMaxDer = 80;  // a SEQUENCE of two INTEGERs of at most 33 bytes
constexpr int kHalf = 32;            // bytes of r, and of s

bool is_p256(const EVP_PKEY* key) {
    std::array<char, 64> group{};
    return EVP_PKEY_is_a(key, "EC") == 1 &&
           EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, group.data(), group.size(),
                                          nullptr) == 1 &&
           std::string_view(group.data()) == "prime256v1";
}

// In place of OpenSSL's own, which asks at the terminal.
int no_passphrase(char*, int, int, void*) {
    return -1;
}

Bio reader(std::string_view pem) {
    return Bio(pem.size() > kMaxPem ? nullptr : BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
}

Result<void> coordinate(const EVP_PKEY* key, const char* name, std::span<std::byte> out) {
    BIGNUM* raw = nullptr;
    if (EVP_PKEY_get_bn_param(key, name, &raw) != 1)
        return fail(ErrorCode::crypto, "signing key: no coordinate");
    const Number number(raw);
    if (BN_bn2binpad(number.get(), as_writable_uchar(out), kHalf) != kHalf)
        return fail(ErrorCode::crypto, "signing key: a coordinate of another size");
    return {};
}

}  // namespace

Result<Es256PublicKey> Es256PublicKey::from_point(ByteView x, ByteView y) {
    if (x.size() != kP256Coordinate || y.size() != kP256Coordinate)
        return fail(ErrorCode::malformed, "key: a coordinate is not 32 bytes");
    Bytes point{std::byte{4}};  // uncompressed (SEC 1, 2.3.3)
    point.insert(point.end(), x.begin(), x.end());
    point.insert(point.end(), y.begin(), y.end());
    const ParamBuilder builder(OSSL_PARAM_BLD_new());
    OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0);
    OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size());
    const Params params(OSSL_PARAM_BLD_to_param(builder.get()));
    const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
    EVP_PKEY* raw = nullptr;
    if (!params || EVP_PKEY_fromdata_init(context.get()) != 1 ||
        EVP_PKEY_fromdata(context.get(), &raw, EVP_PKEY_PUBLIC_KEY, params.get()) != 1) {
        return fail(ErrorCode::crypto, "the key's point is not on its curve");
    }
    return Es256PublicKey(Key(raw));
}

Result<Es256PublicKey> Es256PublicKey::from_pem(std::string_view pem) {
    const auto in = reader(pem);
    Key key(in ? PEM_read_bio_PUBKEY(in.get(), nullptr, no_passphrase, nullptr) : nullptr);
    if (!key) return fail(ErrorCode::malformed, "no public key in the PEM text");
    if (!is_p256(key.get())) return fail(ErrorCode::unsupported, "the key is not EC P-256");
    return Es256PublicKey(std::move(key));
}

bool Es256PublicKey::verifies(std::string_view message, const Es256Signature& signature) const {
    const auto* at = as_uchar(signature);
    Number r(BN_bin2bn(at, kHalf, nullptr));
    Number s(BN_bin2bn(at + kHalf, kHalf, nullptr));
    const DerValues values(ECDSA_SIG_new());
    if (!r || !s || !values || ECDSA_SIG_set0(values.get(), r.get(), s.get()) != 1) return false;
    (void)r.release();  // `values` owns them now
    (void)s.release();
    std::array<unsigned char, kMaxDer> der{};
    const int size = i2d_ECDSA_SIG(values.get(), nullptr);
    auto* out = der.data();
    if (size <= 0 || static_cast<std::size_t>(size) > der.size() || i2d_ECDSA_SIG(values.get(), &out) != size)
        return false;
    const DigestContext context(EVP_MD_CTX_new());
    const auto bytes = as_view(message);
    return context && EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()) == 1 &&
           EVP_DigestVerify(context.get(), der.data(), static_cast<std::size_t>(size), as_uchar(bytes),
                            bytes.size()) == 1;
}

Result<Es256PrivateKey> Es256PrivateKey::from_pem(std::string_view pem) {
    const auto in = reader(pem);
    Key key(in ? PEM_read_bio_PrivateKey(in.get(), nullptr, no_passphrase, nullptr) : nullptr);
    if (!key) return fail(ErrorCode::crypto, "signing key: not a private key in PEM");
    if (!is_p256(key.get())) return fail(ErrorCode::crypto, "signing key: expected a P-256 key");
    Es256PrivateKey out(std::move(key));
    TRY_VOID(coordinate(out.key_.get(), OSSL_PKEY_PARAM_EC_PUB_X, out.x_));
    TRY_VOID(coordinate(out.key_.get(), OSSL_PKEY_PARAM_EC_PUB_Y, out.y_));
    return out;
}

Result<Es256Signature> Es256PrivateKey::sign(std::string_view message) const {
    const DigestContext context(EVP_MD_CTX_new());
    const auto bytes = as_view(message);
    std::array<unsigned char, kMaxDer> der{};
    auto size = der.size();
    if (!context || EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()) != 1 ||
        EVP_DigestSign(context.get(), der.data(), &size, as_uchar(bytes), bytes.size()) != 1)
        return fail(ErrorCode::crypto, "signing failed inside OpenSSL");
    const auto* at = der.data();
    const DerValues values(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(size)));
    Es256Signature out{};
    auto* half = as_writable_uchar(out);
    if (!values || BN_bn2binpad(ECDSA_SIG_get0_r(values.get()), half, kHalf) != kHalf ||
        BN_bn2binpad(ECDSA_SIG_get0_s(values.get()), half + kHalf, kHalf) != kHalf)
        return fail(ErrorCode::crypto, "signing gave no signature of P-256");
    return out;
}

}  // namespace assay
