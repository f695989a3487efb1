#pragma once

#include <string>
#include <string_view>

#include "evidence/base/es256.h"
#include "evidence/base/result.h"

namespace assay::api {

/// The key that signs attestation results: ECDSA P-256, parsed once. Thread-safe: it only reads.
class Signer {
  public:
    /// `pem`: a private key (PKCS #8). `crypto` for anything that is not a P-256 key.
    static Result<Signer> from_pem(std::string_view pem);

    /// A compact JWS (RFC 7515) by ES256 with header {"alg","kid","typ":"JWT"}. The payload's bytes are
    /// signed as they are. `limit` above kMaxJwsPayload.
    [[nodiscard]] Result<std::string> sign(std::string_view payload) const;

    /// RFC 7638 thumbprint of the public key, base64url.
    [[nodiscard]] const std::string& key_id() const { return key_id_; }
    /// The JWK Set (RFC 7517) with the one public key.
    [[nodiscard]] std::string jwks() const;

  private:
    explicit Signer(Es256PrivateKey key);
    Es256PrivateKey key_;
    std::string x_, y_;  // base64url
    std::string key_id_;
};

}  // namespace assay::api
