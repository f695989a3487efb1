#include <algorithm>
#include <array>
#include <string>

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/rsa.h>

#include "evidence/tpm/key/openssl_key.h"
#include "evidence/tpm/key/signature.h"

namespace assay::tcg {
namespace {

/// A DER INTEGER or two in a SEQUENCE (ECDSA-Sig-Value, RFC 3279, 2.2.3), without allocation.
class EcdsaDer {
  public:
    EcdsaDer(ByteView r, ByteView s) {
        const std::size_t body = integer_size(r) + integer_size(s);
        put(0x30);
        if (body > 127) put(0x81);  // at most 2 x (2 + 67) = 138: one length octet is enough
        put(body);
        put_integer(r);
        put_integer(s);
    }
    [[nodiscard]] const unsigned char* data() const { return bytes_.data(); }
    [[nodiscard]] std::size_t size() const { return size_; }

  private:
    static bool needs_zero(ByteView value) { return (value.front() & std::byte{0x80}) != std::byte{0}; }
    static std::size_t integer_size(ByteView value) { return 2 + value.size() + (needs_zero(value) ? 1 : 0); }
    void put(std::size_t octet) { bytes_.at(size_++) = static_cast<unsigned char>(octet); }
    void put_integer(ByteView value) {
        put(0x02);
        put(integer_size(value) - 2);
        if (needs_zero(value)) put(0);
        for (const auto octet : value) put(std::to_integer<std::size_t>(octet));
    }
    std::array<unsigned char, 3 + 2 * (2 + 67)> bytes_{};
    std::size_t size_ = 0;
};

ByteView without_leading_zeros(ByteView value) {
    while (!value.empty() && value.front() == std::byte{0}) value = value.subspan(1);
    return value;
}

/// 0 < value < order, both big-endian without leading zeros.
bool in_range(ByteView value, ByteView order) {
    if (value.empty() || value.size() > order.size()) return false;
    if (value.size() < order.size()) return true;
    return std::ranges::lexicographical_compare(value, order);
}

Result<Bytes> order_of(const EVP_PKEY* key) {
    BIGNUM* number = nullptr;
    if (EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_EC_ORDER, &number) != 1) {
        return fail(ErrorCode::crypto, "no curve order: " + openssl_error());
    }
    const CHandle<BIGNUM, BN_free> order(number);
    Bytes bytes(static_cast<std::size_t>(BN_num_bytes(order.get())));
    BN_bn2bin(order.get(), as_writable_uchar(bytes));
    return bytes;
}

/// EVP_MD_fetch once per thread; null only for a hash that OpenSSL lacks.
const EVP_MD* fetched(HashAlgorithm algorithm) {
    using Md = CHandle<EVP_MD, EVP_MD_free>;
    thread_local const Md sha256_md(EVP_MD_fetch(nullptr, "SHA256", nullptr));
    thread_local const Md sha384_md(EVP_MD_fetch(nullptr, "SHA384", nullptr));
    thread_local const Md sha512_md(EVP_MD_fetch(nullptr, "SHA512", nullptr));
    switch (algorithm) {
        case HashAlgorithm::sha1:
            return nullptr;
        case HashAlgorithm::sha256:
            return sha256_md.get();
        case HashAlgorithm::sha384:
            return sha384_md.get();
        case HashAlgorithm::sha512:
            return sha512_md.get();
    }
    return nullptr;
}

SignatureVerdict verdict_of(int verified) {
    if (verified == 1) return SignatureVerdict::valid;
    ERR_clear_error();  // this thread's queue also serves TLS, which would take our entry for its own
    return SignatureVerdict::invalid;
}

}  // namespace

void VerifyKey::FreeKey::operator()(evp_pkey_st* key) const {
    EVP_PKEY_free(key);
}

Result<VerifyKey> VerifyKey::from(const TpmPublic& key) {
    VerifyKey made;
    made.scheme_ = key.scheme;
    made.type_ = key.type();
    if (const auto* rsa = std::get_if<RsaPublic>(&key.key)) {
        made.modulus_size_ = rsa->modulus.size();
        if (made.modulus_size_ < 256) return fail(ErrorCode::crypto, "RSA key under 2048 bits");
    }
    made.key_.reset(TRY(openssl_key(key)).release());
    if (made.type_ == KeyType::ecc) made.order_ = TRY(order_of(made.key_.get()));
    return made;
}

SignatureVerdict VerifyKey::verify(ByteView message, const Signature& signature) const {
    if (signature.hash == HashAlgorithm::sha1) return SignatureVerdict::hash_not_allowed;
    const bool ecdsa = signature.scheme == Scheme::ecdsa;
    if (ecdsa != (type_ == KeyType::ecc)) return SignatureVerdict::scheme_not_the_keys;
    if (scheme_.scheme != Scheme::null &&
        (scheme_.scheme != signature.scheme || scheme_.hash != signature.hash)) {
        return SignatureVerdict::scheme_not_the_keys;
    }
    return ecdsa ? verify_ecdsa(message, signature) : verify_rsa(message, signature);
}

SignatureVerdict VerifyKey::verify_ecdsa(ByteView message, const Signature& signature) const {
    if (signature.r.size() > order_.size() || signature.s.size() > order_.size())
        return SignatureVerdict::malformed_value;
    const ByteView r = without_leading_zeros(signature.r);
    const ByteView s = without_leading_zeros(signature.s);
    if (!in_range(r, order_) || !in_range(s, order_)) return SignatureVerdict::malformed_value;
    const EcdsaDer der(r, s);
    const Digest digest = hash(signature.hash, {message});
    const EvpKeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, key_.get(), nullptr));
    if (!context || EVP_PKEY_verify_init(context.get()) != 1) return verdict_of(-1);
    return verdict_of(EVP_PKEY_verify(context.get(), der.data(), der.size(), as_uchar(digest.view()),
                                      digest.view().size()));
}

SignatureVerdict VerifyKey::verify_rsa(ByteView message, const Signature& signature) const {
    if (signature.rsa.size() != modulus_size_) return SignatureVerdict::malformed_value;
    const Digest digest = hash(signature.hash, {message});
    const bool pss = signature.scheme == Scheme::rsapss;
    const EvpKeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, key_.get(), nullptr));
    if (!context || EVP_PKEY_verify_init(context.get()) != 1 ||
        EVP_PKEY_CTX_set_rsa_padding(context.get(), pss ? RSA_PKCS1_PSS_PADDING : RSA_PKCS1_PADDING) != 1 ||
        EVP_PKEY_CTX_set_signature_md(context.get(), fetched(signature.hash)) != 1) {
        return verdict_of(-1);
    }
    // TPMs differ in the salt's length: the digest's size, or all that fits (Part 1, B.7). The encoding
    // tells.
    if (pss && EVP_PKEY_CTX_set_rsa_pss_saltlen(context.get(), RSA_PSS_SALTLEN_AUTO) != 1)
        return verdict_of(-1);
    return verdict_of(EVP_PKEY_verify(context.get(), as_uchar(signature.rsa), signature.rsa.size(),
                                      as_uchar(digest.view()), digest.view().size()));
}

}  // namespace assay::tcg
