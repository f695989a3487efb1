#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <openssl/evp.h>

#include "evidence/base/bytes.h"
#include "evidence/base/c_handle.h"
#include "evidence/base/result.h"

namespace assay::cli {

/// A person's private key: a PEM file, or a URI of whatever OpenSSL's providers open ("pkcs11:token=...").
class SigningKey {
  public:
    /// Asks for a passphrase at the terminal where the key wants one. `not_found` where nothing is there,
    /// `unsupported` for another key than Ed25519 and P-256.
    static Result<SigningKey> open(const std::string& file_or_uri);

    /// SubjectPublicKeyInfo, DER.
    [[nodiscard]] Result<Bytes> public_key() const;
    /// Ed25519, or ECDSA with SHA-256 in DER.
    [[nodiscard]] Result<Bytes> sign(std::string_view text) const;

  private:
    using Key = CHandle<EVP_PKEY, EVP_PKEY_free>;
    explicit SigningKey(Key key) : key_(std::move(key)) {}
    Key key_;
};

}  // namespace assay::cli
