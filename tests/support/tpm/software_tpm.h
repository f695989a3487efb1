#pragma once

#include <optional>
#include <vector>

#include "evidence/base/byte_reader.h"
#include "evidence/base/byte_writer.h"
#include "evidence/base/hex.h"
#include "tests/support/tpm/tpm_builder.h"

/// As much of a TPM as enrolment needs, in software: EKs on P-256, an AK, and TPM2_ActivateCredential written
/// down a second time from the specification (TPM 2.0 Part 1, 24), independently of what is under test.
namespace assay::test {

class SoftwareTpm {
  public:
    explicit SoftwareTpm(std::size_t eks = 1) : ak_(fresh_key(Key::p256)) {
        for (std::size_t i = 0; i < eks; ++i) eks_.push_back(fresh_key(Key::p256));
    }

    [[nodiscard]] tcg::TpmPublic ek(std::size_t index = 0) const { return ek_public(eks_.at(index).get()); }
    [[nodiscard]] tcg::TpmPublic ak() const { return ak_public(ak_.get()); }
    [[nodiscard]] EVP_PKEY* ek_key(std::size_t index = 0) const { return eks_.at(index).get(); }
    [[nodiscard]] EVP_PKEY* ak_key() const { return ak_.get(); }
    /// What ChangeEPS, or another program's template, makes of it.
    void make_new_ak() { ak_ = fresh_key(Key::p256); }

    /// Nothing where the TPM would answer TPM_RC_INTEGRITY: the credential is for another EK or another
    /// object.
    [[nodiscard]] std::optional<Bytes> activate(ByteView id_object, ByteView encrypted_secret,
                                                std::size_t ek_index = 0) const {
        const Bytes area = encode_tpm_public(ak());
        return activate_as(tcg::compute_name(area).value(), id_object, encrypted_secret, ek_index);
    }
    [[nodiscard]] std::optional<Bytes> activate_as(ByteView name, ByteView id_object,
                                                   ByteView encrypted_secret,
                                                   std::size_t ek_index = 0) const {
        ByteReader point(encrypted_secret);  // TPM2B of TPMS_ECC_POINT
        point.u16be("size");
        const Bytes x = to_bytes(point.tpm2b(32, "x"));
        const Bytes y = to_bytes(point.tpm2b(32, "y"));
        const Bytes z = shared_x(x, y, eks_.at(ek_index).get());
        const auto own = ek(ek_index);
        const auto seed = sha256(ByteWriter()
                                     .u32be(1)
                                     .bytes(z)
                                     .text("IDENTITY")
                                     .u8(0)
                                     .bytes(x)
                                     .bytes(std::get<tcg::EccPublic>(own.key).x)
                                     .view());
        const Bytes key = kdf_a(seed.view(), "STORAGE", name, 16);
        const Bytes mac_key = kdf_a(seed.view(), "INTEGRITY", {}, 32);
        ByteReader blob(id_object);
        blob.u16be("size");
        const Bytes mac = to_bytes(blob.tpm2b(32, "integrityHMAC"));
        const Bytes encrypted = to_bytes(blob.bytes(id_object.size() - 2 - 2 - mac.size(), "encIdentity"));
        if (hmac(mac_key, ByteWriter().bytes(encrypted).bytes(name).view()) != mac) return std::nullopt;
        const Bytes plain = decrypt(key, encrypted);
        ByteReader secret(plain);
        return to_bytes(secret.tpm2b(32, "secret"));
    }

  private:
    static Bytes shared_x(ByteView x, ByteView y, EVP_PKEY* own) {
        tcg::EccPublic point;
        point.x = to_bytes(x);
        point.y = to_bytes(y);
        const auto peer = tcg::openssl_key(point).value();
        const tcg::EvpKeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, own, nullptr));
        Bytes z(32);
        std::size_t size = z.size();
        require(EVP_PKEY_derive_init(context.get()) == 1 &&
                    EVP_PKEY_derive_set_peer(context.get(), peer.get()) == 1 &&
                    EVP_PKEY_derive(context.get(), as_writable_uchar(z), &size) == 1 && size == z.size(),
                "ECDH");
        return z;
    }
    static Bytes hmac(ByteView key, ByteView message) {
        Bytes mac(32);
        std::size_t size = 0;
        require(
            EVP_Q_mac(nullptr, "HMAC", nullptr, "SHA256", nullptr, key.data(), key.size(), as_uchar(message),
                      message.size(), as_writable_uchar(mac), mac.size(), &size) != nullptr,
            "HMAC");
        return mac;
    }
    static Bytes kdf_a(ByteView key, std::string_view label, ByteView context, std::size_t size) {
        ByteWriter input;
        input.u32be(1).text(label).u8(0).bytes(context).u32be(static_cast<std::uint32_t>(8 * size));
        Bytes out = hmac(key, input.view());
        out.resize(size);
        return out;
    }
    static Bytes decrypt(ByteView key, ByteView encrypted) {
        const CHandle<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free> context(EVP_CIPHER_CTX_new());
        const CHandle<EVP_CIPHER, EVP_CIPHER_free> cipher(EVP_CIPHER_fetch(nullptr, "AES-128-CFB", nullptr));
        const unsigned char iv[16] = {};
        Bytes plain(encrypted.size());
        int size = 0;
        require(EVP_DecryptInit_ex2(context.get(), cipher.get(), as_uchar(key), iv, nullptr) == 1 &&
                    EVP_DecryptUpdate(context.get(), as_writable_uchar(plain), &size, as_uchar(encrypted),
                                      static_cast<int>(encrypted.size())) == 1,
                "AES-CFB");
        return plain;
    }

    std::vector<tcg::EvpKey> eks_;
    tcg::EvpKey ak_;
};

}  // namespace assay::test
