#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "evidence/base/bytes.h"
#include "evidence/base/result.h"

namespace assay::client {

/// A private key in a PKCS#11 token, of any module that p11-kit knows. It never leaves the token.
class TokenKey {
  public:
    /// `uri`: RFC 7512, "pkcs11:token=roy;object=sign". The PIN is its `pin-value`, or asked for at the
    /// terminal or the token's own keypad. `not_found` where no token or key is meant by it, `conflict` where
    /// more than one is, `refused` for a wrong PIN, `unsupported` for another key than Ed25519 and P-256.
    static Result<TokenKey> open(const std::string& uri);
    TokenKey(TokenKey&&) noexcept;
    TokenKey& operator=(TokenKey&&) noexcept;
    ~TokenKey();

    /// SubjectPublicKeyInfo, DER.
    [[nodiscard]] const Bytes& public_key() const;
    /// Ed25519, or ECDSA with SHA-256 in DER.
    [[nodiscard]] Result<Bytes> sign(std::string_view text) const;

  private:
    struct State;
    explicit TokenKey(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace assay::client
