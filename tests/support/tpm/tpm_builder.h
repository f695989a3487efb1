#pragma once

#include <stdexcept>

#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/rsa.h>

#include "evidence/tpm/key/openssl_key.h"
#include "evidence/tpm/key/signature.h"
#include "evidence/tpm/quote.h"

/// What a TPM would make, made in software for tests: keys, public areas, quotes, signatures. Each is valid
/// as it comes; a test breaks one field.
namespace assay::test {

enum class Key { rsa1024, rsa2048, rsa3072, p256, p384, p521 };

inline void require(bool held, const char* what) {
    if (!held) throw std::runtime_error(what);
}

/// One key of each kind per process (RSA takes long to make), or a fresh one.
inline tcg::EvpKey fresh_key(Key kind) {
    const auto rsa = [](std::size_t bits) { return EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", bits); };
    const auto ecc = [](const char* group) { return EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", group); };
    switch (kind) {
        case Key::rsa1024:
            return tcg::EvpKey(rsa(1024));
        case Key::rsa2048:
            return tcg::EvpKey(rsa(2048));
        case Key::rsa3072:
            return tcg::EvpKey(rsa(3072));
        case Key::p256:
            return tcg::EvpKey(ecc("P-256"));
        case Key::p384:
            return tcg::EvpKey(ecc("P-384"));
        case Key::p521:
            return tcg::EvpKey(ecc("P-521"));
    }
    return nullptr;
}
inline EVP_PKEY* shared_key(Key kind) {
    static std::map<Key, tcg::EvpKey> keys;
    auto& key = keys[kind];
    if (!key) key = fresh_key(kind);
    return key.get();
}

inline Bytes number_of(const EVP_PKEY* key, const char* name, std::size_t size) {
    BIGNUM* number = nullptr;
    require(EVP_PKEY_get_bn_param(key, name, &number) == 1, name);
    Bytes bytes(size);
    const int written = BN_bn2binpad(number, as_writable_uchar(bytes), static_cast<int>(size));
    BN_free(number);
    require(written >= 0, "number too long");
    return bytes;
}

/// The numbers of `key` in a public area with the attributes, scheme and name algorithm of an attestation
/// key.
inline tcg::TpmPublic ak_public(const EVP_PKEY* key, std::optional<tcg::Scheme> scheme = {},
                                HashAlgorithm hash = HashAlgorithm::sha256) {
    using A = tcg::ObjectAttributes;
    tcg::TpmPublic made;
    made.attributes = A(A::kFixedTpm | A::kFixedParent | A::kSensitiveDataOrigin | A::kUserWithAuth |
                        A::kNoDa | A::kRestricted | A::kSign);
    if (EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA) {
        const int bits = EVP_PKEY_get_bits(key);
        made.scheme = {scheme.value_or(tcg::Scheme::rsassa), hash};
        made.key = tcg::RsaPublic{static_cast<std::uint16_t>(bits), 65537,
                                  number_of(key, OSSL_PKEY_PARAM_RSA_N, static_cast<std::size_t>(bits) / 8)};
        return made;
    }
    tcg::EccPublic ecc;
    const int bits = EVP_PKEY_get_bits(key);
    ecc.curve = bits == 256 ? tcg::EccCurve::p256 : bits == 384 ? tcg::EccCurve::p384 : tcg::EccCurve::p521;
    ecc.x = number_of(key, OSSL_PKEY_PARAM_EC_PUB_X, coordinate_size(ecc.curve));
    ecc.y = number_of(key, OSSL_PKEY_PARAM_EC_PUB_Y, coordinate_size(ecc.curve));
    made.scheme = {scheme.value_or(tcg::Scheme::ecdsa), hash};
    made.key = ecc;
    return made;
}

/// The same as an endorsement key of the TCG templates.
inline tcg::TpmPublic ek_public(const EVP_PKEY* key) {
    using A = tcg::ObjectAttributes;
    tcg::TpmPublic made = ak_public(key);
    made.attributes = A(A::kFixedTpm | A::kFixedParent | A::kSensitiveDataOrigin | A::kAdminWithPolicy |
                        A::kRestricted | A::kDecrypt);
    made.auth_policy = to_bytes(Digest::filled(HashAlgorithm::sha256, std::byte{0x83}).view());
    made.symmetric = {tcg::kAlgorithmAes, 128, tcg::kAlgorithmCfb};
    made.scheme = {};
    return made;
}

/// TPMT_SIGNATURE over `message`, as a TPM makes it.
inline tcg::Signature sign(EVP_PKEY* key, ByteView message, tcg::Scheme scheme,
                           HashAlgorithm hash = HashAlgorithm::sha256) {
    tcg::Signature made{scheme, hash, {}, {}, {}};
    const CHandle<EVP_MD_CTX, EVP_MD_CTX_free> context(EVP_MD_CTX_new());
    EVP_PKEY_CTX* options = nullptr;  // owned by `context`
    require(EVP_DigestSignInit_ex(context.get(), &options, tcg::openssl_digest_name(hash), nullptr, nullptr,
                                  key, nullptr) == 1,
            "sign init");
    if (scheme == tcg::Scheme::rsapss) {
        require(EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING) == 1, "padding");
        require(EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_DIGEST) == 1, "salt");
    }
    std::size_t size = 0;
    require(EVP_DigestSign(context.get(), nullptr, &size, as_uchar(message), message.size()) == 1, "size");
    Bytes value(size);
    require(EVP_DigestSign(context.get(), as_writable_uchar(value), &size, as_uchar(message),
                           message.size()) == 1,
            "sign");
    value.resize(size);
    if (scheme != tcg::Scheme::ecdsa) {
        made.rsa = value;
        return made;
    }
    const unsigned char* next = as_uchar(value);
    const CHandle<ECDSA_SIG, ECDSA_SIG_free> der(
        d2i_ECDSA_SIG(nullptr, &next, static_cast<long>(value.size())));
    const auto field = (static_cast<std::size_t>(EVP_PKEY_get_bits(key)) + 7) / 8;
    made.r.resize(field);
    made.s.resize(field);
    require(BN_bn2binpad(ECDSA_SIG_get0_r(der.get()), as_writable_uchar(made.r), static_cast<int>(field)) > 0,
            "r");
    require(BN_bn2binpad(ECDSA_SIG_get0_s(der.get()), as_writable_uchar(made.s), static_cast<int>(field)) > 0,
            "s");
    return made;
}

/// PCRs 0-7 of the SHA-256 bank, a 32-byte extraData.
inline tcg::Quote valid_quote() {
    tcg::Quote quote;
    quote.qualified_signer = to_bytes(Digest::filled(HashAlgorithm::sha256, std::byte{0x5a}).view());
    quote.qualified_signer.insert(quote.qualified_signer.begin(), {std::byte{0}, std::byte{0x0b}});
    quote.extra_data = to_bytes(sha256(as_view("nonce")).view());
    quote.clock_info = {.clock_ms = 123'456'789, .reset_count = 17, .restart_count = 2, .safe = true};
    quote.firmware_version = 0x0001'0002'0003'0004;
    quote.selection = tcg::PcrSelection::of(HashAlgorithm::sha256, 0xff);
    quote.pcr_digest = to_bytes(sha256(as_view("the PCRs")).view());
    return quote;
}

}  // namespace assay::test
