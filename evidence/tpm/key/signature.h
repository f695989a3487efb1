#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "evidence/base/bytes.h"
#include "evidence/base/digest.h"
#include "evidence/base/result.h"
#include "evidence/tpm/key/tpm_public.h"

struct evp_pkey_st;  // EVP_PKEY

namespace assay::tcg {

/// TPMT_SIGNATURE (TPM 2.0 Part 2, 11.3.4) of RSASSA, RSAPSS or ECDSA.
struct Signature {
    Scheme scheme = Scheme::ecdsa;  ///< rsassa, rsapss or ecdsa
    HashAlgorithm hash = HashAlgorithm::sha256;
    Bytes rsa;  ///< RSASSA, RSAPSS: the signature, at most 512 bytes; else empty
    Bytes r;    ///< ECDSA: big-endian, at most 66 bytes; else empty
    Bytes s;
    bool operator==(const Signature&) const = default;
};

/// All of `bytes`. `unsupported` for another scheme or an unknown hash; SHA-1 parses, so that it can be
/// judged.
Result<Signature> parse_signature(ByteView bytes);
Bytes encode_signature(const Signature& signature);

enum class SignatureVerdict : std::uint8_t {
    valid,
    invalid,              ///< well formed, and not a signature of this message by this key
    scheme_not_the_keys,  ///< another scheme or hash than the public area fixes, or one of another type of
                          ///< key
    hash_not_allowed,     ///< SHA-1
    malformed_value,  ///< r or s zero, longer than the curve's order or not below it; an RSA value not of the
                      ///< modulus' size
};

/// "valid", "invalid", "scheme_not_the_keys", "hash_not_allowed", "malformed_value".
std::string_view to_string(SignatureVerdict verdict);

/// A public key ready to verify with. Making one costs about a fifth of a verification (no PEM, no SPKI), so
/// keep it. Movable; `verify` may be called from any number of threads at once.
class VerifyKey {
  public:
    /// `crypto` for a point that is not on its curve, a modulus that OpenSSL refuses, RSA under 2048 bits.
    /// The attributes are not judged here: see restricted_signing_key_violations.
    static Result<VerifyKey> from(const TpmPublic& key);

    [[nodiscard]] SignatureVerdict verify(ByteView message, const Signature& signature) const;

  private:
    struct FreeKey {
        void operator()(evp_pkey_st* key) const;
    };
    VerifyKey() = default;
    [[nodiscard]] SignatureVerdict verify_rsa(ByteView message, const Signature& signature) const;
    [[nodiscard]] SignatureVerdict verify_ecdsa(ByteView message, const Signature& signature) const;

    std::unique_ptr<evp_pkey_st, FreeKey> key_;
    KeyScheme scheme_;
    KeyType type_ = KeyType::ecc;
    Bytes order_;                   // ECC: of the group, big-endian
    std::size_t modulus_size_ = 0;  // RSA: bytes
};

}  // namespace assay::tcg
