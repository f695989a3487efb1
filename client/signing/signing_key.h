#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <openssl/evp.h>

#include "client/signing/token_key.h"
#include "evidence/base/bytes.h"
#include "evidence/base/c_handle.h"
#include "evidence/base/result.h"

namespace assay::client {

/// A person's private key: a PEM file, a key in a PKCS#11 token ("pkcs11:token=..."), or a URI of whatever
/// else OpenSSL's providers open.
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
    explicit SigningKey(TokenKey token) : token_(std::move(token)) {}
    Key key_;
    std::optional<TokenKey> token_;  // instead
};

}  // namespace assay::client
