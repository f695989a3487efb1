#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>

#include "evidence/base/c_handle.h"
#include "evidence/base/es256.h"
#include "evidence/base/hex.h"

namespace assay::test {

/// A P-256 key pair as PEM.
struct TokenKeys {
    std::string private_pem, public_pem;

    static TokenKeys make() {
        const CHandle<EVP_PKEY, EVP_PKEY_free> key(EVP_EC_gen("P-256"));
        const CHandle<BIO, BIO_free> secret(BIO_new(BIO_s_mem())), open(BIO_new(BIO_s_mem()));
        if (PEM_write_bio_PrivateKey(secret.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1 ||
            PEM_write_bio_PUBKEY(open.get(), key.get()) != 1)
            throw std::runtime_error("no key pair");
        return {text_of(secret.get()), text_of(open.get())};
    }

  private:
    static std::string text_of(BIO* bio) {
        char* data = nullptr;
        const auto size = BIO_get_mem_data(bio, &data);
        return {data, static_cast<std::size_t>(size)};
    }
};

/// A token put together by hand, so that every part of it can be wrong.
struct TokenBuilder {
    TokenKeys keys = TokenKeys::make();
    std::string header = R"({"alg":"ES256","kid":"k1","typ":"JWT"})";
    std::string payload = R"({"a":1})";

    /// Header and payload in base64url, and the dot between them.
    [[nodiscard]] std::string signed_part() const {
        return to_base64url(as_view(header)) + "." + to_base64url(as_view(payload));
    }
    /// Signed by ES256, whatever the header says.
    [[nodiscard]] std::string token() const { return signed_as_it_is(signed_part()); }
    [[nodiscard]] std::string signed_as_it_is(const std::string& part) const {
        return part + "." + to_base64url(signature(part));
    }
    /// With another signature.
    [[nodiscard]] std::string with(ByteView signature) const {
        return signed_part() + "." + to_base64url(signature);
    }
    [[nodiscard]] Es256Signature signature(const std::string& part) const {
        return Es256PrivateKey::from_pem(keys.private_pem).value().sign(part).value();
    }
    /// HMAC with the public key's PEM as its secret: what a library takes that lets the token choose.
    [[nodiscard]] Bytes hmac_under_public_key() const {
        Bytes out(32);
        const auto part = signed_part();
        unsigned size = 32;
        HMAC(EVP_sha256(), keys.public_pem.data(), static_cast<int>(keys.public_pem.size()),
             as_uchar(as_view(part)), part.size(), as_writable_uchar(out), &size);
        return out;
    }
};

/// A token that nobody signed, of the right form.
inline std::string unsigned_token(std::string_view payload) {
    TokenBuilder made{.keys = {}, .payload = std::string(payload)};
    return made.with(Bytes(sizeof(Es256Signature)));
}

}  // namespace assay::test
