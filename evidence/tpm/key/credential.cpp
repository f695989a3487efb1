#include "evidence/tpm/key/credential.h"

#include <array>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>

#include "evidence/base/byte_reader.h"
#include "evidence/base/byte_writer.h"
#include "evidence/tpm/key/openssl_key.h"

namespace assay::tcg {
namespace {

using Kdf = CHandle<EVP_KDF, EVP_KDF_free>;
using KdfContext = CHandle<EVP_KDF_CTX, EVP_KDF_CTX_free>;
using CipherContext = CHandle<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free>;
using Cipher = CHandle<EVP_CIPHER, EVP_CIPHER_free>;

/// Key material that is wiped when it goes.
struct SecretBytes {
    Bytes bytes;
    explicit SecretBytes(std::size_t size) : bytes(size) {}
    SecretBytes(SecretBytes&&) = default;
    SecretBytes& operator=(SecretBytes&&) = delete;
    SecretBytes(const SecretBytes&) = delete;
    SecretBytes& operator=(const SecretBytes&) = delete;
    ~SecretBytes() { OPENSSL_cleanse(bytes.data(), bytes.size()); }
};

/// What the two kinds of EK give: the seed that both sides share, and how the TPM gets it.
struct Seed {
    SecretBytes value;
    Bytes encrypted;  // content of TPM2B_ENCRYPTED_SECRET
};

std::unexpected<Error> crypto_failed(std::string_view step) {
    return fail(ErrorCode::crypto, std::string(step) + ": " + openssl_error());
}

OSSL_PARAM text_param(const char* key, std::string& value) {
    return OSSL_PARAM_construct_utf8_string(key, value.data(), 0);
}
OSSL_PARAM octets_param(const char* key, Bytes& value) {
    return OSSL_PARAM_construct_octet_string(key, value.data(), value.size());
}

Result<SecretBytes> derive(const char* kdf_name, std::size_t size, const OSSL_PARAM* params) {
    const Kdf kdf(EVP_KDF_fetch(nullptr, kdf_name, nullptr));
    const KdfContext context(kdf ? EVP_KDF_CTX_new(kdf.get()) : nullptr);
    SecretBytes out(size);
    if (!context ||
        EVP_KDF_derive(context.get(), as_writable_uchar(out.bytes), out.bytes.size(), params) != 1) {
        return crypto_failed(kdf_name);
    }
    return out;
}

/// KDFa: SP 800-108 in counter mode with HMAC; label, a zero octet, contextU || contextV, L. (Part
/// 1, 11.4.10.2)
Result<SecretBytes> kdf_a(HashAlgorithm algorithm, const SecretBytes& key, std::string_view label,
                          ByteView context, std::size_t size) {
    std::string mode = "counter";
    std::string mac = "HMAC";
    std::string digest = openssl_digest_name(algorithm);
    Bytes key_copy = key.bytes;
    Bytes label_octets = to_bytes(label);
    Bytes context_octets = to_bytes(context);
    const std::array params{
        text_param(OSSL_KDF_PARAM_MODE, mode),
        text_param(OSSL_KDF_PARAM_MAC, mac),
        text_param(OSSL_KDF_PARAM_DIGEST, digest),
        octets_param(OSSL_KDF_PARAM_KEY, key_copy),
        octets_param(OSSL_KDF_PARAM_SALT, label_octets),
        octets_param(OSSL_KDF_PARAM_INFO, context_octets),
        OSSL_PARAM_construct_end(),
    };
    auto derived = derive("KBKDF", size, params.data());
    OPENSSL_cleanse(key_copy.data(), key_copy.size());
    return derived;
}

/// KDFe: SP 800-56A concatenation KDF over Z; label with its zero octet, PartyUInfo, PartyVInfo. (Part
/// 1, 11.4.10.3)
Result<SecretBytes> kdf_e(HashAlgorithm algorithm, SecretBytes& z, std::string_view label, ByteView party_u,
                          ByteView party_v, std::size_t size) {
    std::string digest = openssl_digest_name(algorithm);
    Bytes info = ByteWriter().text(label).u8(0).bytes(party_u).bytes(party_v).take();
    const std::array params{
        text_param(OSSL_KDF_PARAM_DIGEST, digest),
        octets_param(OSSL_KDF_PARAM_KEY, z.bytes),
        octets_param(OSSL_KDF_PARAM_INFO, info),
        OSSL_PARAM_construct_end(),
    };
    return derive("SSKDF", size, params.data());
}

/// IMPURE: a random seed, encrypted to the EK by OAEP with the label "IDENTITY" and its zero octet. (Part 1,
/// B.10.3)
Result<Seed> rsa_seed(const TpmPublic& ek) {
    Seed seed{SecretBytes(digest_size(ek.name_algorithm)), {}};
    if (RAND_priv_bytes(as_writable_uchar(seed.value.bytes), static_cast<int>(seed.value.bytes.size())) !=
        1) {
        return crypto_failed("random seed");
    }
    const EvpKey key = TRY(openssl_key(ek));
    std::string padding = OSSL_PKEY_RSA_PAD_MODE_OAEP;
    std::string digest = openssl_digest_name(ek.name_algorithm);
    Bytes label = to_bytes(std::string_view("IDENTITY\0", 9));
    const std::array params{
        text_param(OSSL_ASYM_CIPHER_PARAM_PAD_MODE, padding),
        text_param(OSSL_ASYM_CIPHER_PARAM_OAEP_DIGEST, digest),
        text_param(OSSL_ASYM_CIPHER_PARAM_MGF1_DIGEST, digest),
        octets_param(OSSL_ASYM_CIPHER_PARAM_OAEP_LABEL, label),
        OSSL_PARAM_construct_end(),
    };
    const EvpKeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr));
    std::size_t size = std::get<RsaPublic>(ek.key).modulus.size();
    seed.encrypted.resize(size);
    if (!context || EVP_PKEY_encrypt_init_ex(context.get(), params.data()) != 1 ||
        EVP_PKEY_encrypt(context.get(), as_writable_uchar(seed.encrypted), &size, as_uchar(seed.value.bytes),
                         seed.value.bytes.size()) != 1) {
        return crypto_failed("RSA-OAEP");
    }
    seed.encrypted.resize(size);
    return seed;
}

Result<Bytes> coordinate_of(const EVP_PKEY* key, const char* name, std::size_t size) {
    BIGNUM* number = nullptr;
    if (EVP_PKEY_get_bn_param(key, name, &number) != 1) return crypto_failed("ephemeral point");
    const CHandle<BIGNUM, BN_free> owned(number);
    Bytes bytes(size);
    if (BN_bn2binpad(number, as_writable_uchar(bytes), static_cast<int>(size)) < 0)
        return crypto_failed("point");
    return bytes;
}

/// IMPURE: an ephemeral key on the EK's curve; the seed is KDFe of the ECDH value. (Part 1, C.6.1 and C.6.3)
Result<Seed> ecc_seed(const TpmPublic& ek) {
    const auto& point = std::get<EccPublic>(ek.key);
    const std::size_t size = coordinate_size(point.curve);
    const EvpKey peer = TRY(openssl_key(point));
    const EvpKey ephemeral(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", openssl_group(point.curve)));
    if (!ephemeral) return crypto_failed("ephemeral key");
    const EvpKeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, ephemeral.get(), nullptr));
    SecretBytes z(size);  // the x-coordinate, in the field's full size
    std::size_t z_size = size;
    if (!context || EVP_PKEY_derive_init(context.get()) != 1 ||
        EVP_PKEY_derive_set_peer(context.get(), peer.get()) != 1 ||
        EVP_PKEY_derive(context.get(), as_writable_uchar(z.bytes), &z_size) != 1 || z_size != size) {
        return crypto_failed("ECDH");
    }
    const Bytes x = TRY(coordinate_of(ephemeral.get(), OSSL_PKEY_PARAM_EC_PUB_X, size));
    const Bytes y = TRY(coordinate_of(ephemeral.get(), OSSL_PKEY_PARAM_EC_PUB_Y, size));
    const Bytes ek_x = left_padded(point.x, size);
    auto seed = TRY(kdf_e(ek.name_algorithm, z, "IDENTITY", x, ek_x, digest_size(ek.name_algorithm)));
    return Seed{std::move(seed), ByteWriter().tpm2b(x).tpm2b(y).take()};  // TPMS_ECC_POINT
}

/// AES-CFB with an all-zero IV. (Part 1, 24.4)
Result<Bytes> encrypt_identity(std::uint16_t key_bits, const SecretBytes& key, ByteView plain) {
    const Cipher cipher(EVP_CIPHER_fetch(nullptr, key_bits == 128 ? "AES-128-CFB" : "AES-256-CFB", nullptr));
    const CipherContext context(EVP_CIPHER_CTX_new());
    const std::array<unsigned char, 16> iv{};
    Bytes out(plain.size());
    int written = 0;
    if (!cipher || !context ||
        EVP_EncryptInit_ex2(context.get(), cipher.get(), as_uchar(key.bytes), iv.data(), nullptr) != 1 ||
        EVP_EncryptUpdate(context.get(), as_writable_uchar(out), &written, as_uchar(plain),
                          static_cast<int>(plain.size())) != 1 ||
        static_cast<std::size_t>(written) != plain.size()) {
        return crypto_failed("AES-CFB");
    }
    return out;
}

Result<Bytes> hmac(HashAlgorithm algorithm, const SecretBytes& key, ByteView message) {
    Bytes mac(digest_size(algorithm));
    std::size_t size = 0;
    if (EVP_Q_mac(nullptr, "HMAC", nullptr, openssl_digest_name(algorithm), nullptr, key.bytes.data(),
                  key.bytes.size(), as_uchar(message), message.size(), as_writable_uchar(mac), mac.size(),
                  &size) == nullptr ||
        size != mac.size()) {
        return crypto_failed("HMAC");
    }
    return mac;
}

Result<> check_name(ByteView name) {
    return parse_exact(name, "object name", [](ByteReader& in) -> Result<> {
        const HashAlgorithm algorithm = TRY(hash_algorithm_from_id(in.u16be("nameAlg")));
        if (algorithm == HashAlgorithm::sha1) return fail(ErrorCode::usage, "SHA-1 name");
        in.bytes(digest_size(algorithm), "digest");
        return {};
    });
}

Result<> check_arguments(const TpmPublic& ek, ByteView object_name, ByteView secret) {
    if (const auto violations = ek_template_violations(ek); !violations.empty()) {
        std::string all;
        for (const auto& violation : violations) all += (all.empty() ? "" : "; ") + violation;
        return fail(ErrorCode::refused, "EK template: " + all);
    }
    if (secret.size() < 16 || secret.size() > 32) {
        return fail(ErrorCode::usage, "secret of " + std::to_string(secret.size()) + " bytes, not 16 to 32");
    }
    if (const auto name = check_name(object_name); !name) return fail(ErrorCode::usage, name.error().context);
    return {};
}

}  // namespace

Result<Credential> make_credential(const TpmPublic& ek, ByteView object_name, ByteView secret) {
    TRY_VOID(check_arguments(ek, object_name, secret));
    const HashAlgorithm algorithm = ek.name_algorithm;
    const Seed seed = TRY(ek.type() == KeyType::rsa ? rsa_seed(ek) : ecc_seed(ek));
    // Part 1, 24.4 and 24.5: the object's Name goes into the key, so only that object's holder gets the
    // secret.
    const auto symmetric_key =
        TRY(kdf_a(algorithm, seed.value, "STORAGE", object_name, ek.symmetric.key_bits / 8U));
    const Bytes identity = ByteWriter().tpm2b(secret).take();
    const Bytes encrypted = TRY(encrypt_identity(ek.symmetric.key_bits, symmetric_key, identity));
    const auto hmac_key = TRY(kdf_a(algorithm, seed.value, "INTEGRITY", {}, digest_size(algorithm)));
    const Bytes covered = ByteWriter().bytes(encrypted).bytes(object_name).take();
    const Bytes integrity = TRY(hmac(algorithm, hmac_key, covered));
    const Bytes id_object = ByteWriter().tpm2b(integrity).bytes(encrypted).take();
    return Credential{ByteWriter().tpm2b(id_object).take(), ByteWriter().tpm2b(seed.encrypted).take()};
}

}  // namespace assay::tcg
