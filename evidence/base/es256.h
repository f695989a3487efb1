#pragma once

#include <array>
#include <memory>
#include <string_view>

#include <openssl/evp.h>

#include "evidence/base/bytes.h"
#include "evidence/base/c_handle.h"
#include "evidence/base/result.h"

/// ES256 (RFC 7518, 3.4): ECDSA with P-256 and SHA-256. OpenSSL's keys are parsed once and only read
/// afterwards, so threads may share one. Everything of a message's size is on the heap or not copied at all.
namespace assay {

inline constexpr std::size_t kP256Coordinate = 32;  ///< bytes of one coordinate (RFC 7518, 6.2.1.2)

/// r, then s, 32 bytes each, big-endian.
using Es256Signature = std::array<std::byte, 64>;

/// A P-256 public key.
class Es256PublicKey {
  public:
    /// Coordinates of 32 bytes each. `crypto` for a point that is not on the curve.
    static Result<Es256PublicKey> from_point(ByteView x, ByteView y);
    /// A "PUBLIC KEY" in PEM. `unsupported` for a key of another kind.
    static Result<Es256PublicKey> from_pem(std::string_view pem);

    [[nodiscard]] bool verifies(std::string_view message, const Es256Signature& signature) const;

  private:
    friend class Es256PrivateKey;
    using Key = CHandle<EVP_PKEY, EVP_PKEY_free>;
    explicit Es256PublicKey(Key key) : key_(std::move(key)) {}
    Key key_;
};

/// A P-256 private key. Signing draws a random number inside OpenSSL, so no two signatures are the same: the
/// one thing in this library that is not a function of its arguments.
class Es256PrivateKey {
  public:
    /// A private key in PEM, not encrypted. `crypto` for anything that is not a P-256 key.
    static Result<Es256PrivateKey> from_pem(std::string_view pem);

    [[nodiscard]] Result<Es256Signature> sign(std::string_view message) const;

    using Coordinate = std::array<std::byte, kP256Coordinate>;
    [[nodiscard]] const Coordinate& x() const { return x_; }  ///< of the public key
    [[nodiscard]] const Coordinate& y() const { return y_; }

  private:
    explicit Es256PrivateKey(Es256PublicKey::Key key) : key_(std::move(key)) {}
    Es256PublicKey::Key key_;
    Coordinate x_{}, y_{};
};

}  // namespace assay
