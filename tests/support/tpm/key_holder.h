#pragma once

#include <memory>
#include <string>

#include <openssl/x509.h>

#include "evidence/base/bytes.h"
#include "evidence/wire/statement/session_statement.h"

namespace assay::test {

/// Somebody with an Ed25519 key.
struct KeyHolder {
    std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key{EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"),
                                                            EVP_PKEY_free};

    [[nodiscard]] Bytes public_key() const {
        unsigned char* out = nullptr;
        const auto size = i2d_PUBKEY(key.get(), &out);
        const std::unique_ptr<unsigned char, void (*)(unsigned char*)> owned(
            out, [](unsigned char* p) { OPENSSL_free(p); });
        return to_bytes(std::string_view(reinterpret_cast<const char*>(out), static_cast<std::size_t>(size)));
    }
    [[nodiscard]] std::string id() const { return public_key_id(public_key()); }
    [[nodiscard]] Bytes sign(const std::string& text) const {
        const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                              EVP_MD_CTX_free);
        Bytes out(64);
        std::size_t size = out.size();
        EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get());
        EVP_DigestSign(context.get(), as_writable_uchar(out), &size,
                       reinterpret_cast<const unsigned char*>(text.data()), text.size());
        return out;
    }
};

}  // namespace assay::test
