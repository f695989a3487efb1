#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "evidence/base/bytes.h"
#include "evidence/base/digest.h"
#include "evidence/base/result.h"
#include "evidence/tpm/key/algorithm.h"

namespace assay::tcg {

/// TPMA_OBJECT (TPM 2.0 Part 2, 8.3).
class ObjectAttributes {
  public:
    static constexpr std::uint32_t kFixedTpm = 1U << 1U;
    static constexpr std::uint32_t kStClear = 1U << 2U;
    static constexpr std::uint32_t kFixedParent = 1U << 4U;
    static constexpr std::uint32_t kSensitiveDataOrigin = 1U << 5U;
    static constexpr std::uint32_t kUserWithAuth = 1U << 6U;
    static constexpr std::uint32_t kAdminWithPolicy = 1U << 7U;
    static constexpr std::uint32_t kFirmwareLimited = 1U << 8U;
    static constexpr std::uint32_t kSvnLimited = 1U << 9U;
    static constexpr std::uint32_t kNoDa = 1U << 10U;
    static constexpr std::uint32_t kEncryptedDuplication = 1U << 11U;
    static constexpr std::uint32_t kRestricted = 1U << 16U;
    static constexpr std::uint32_t kDecrypt = 1U << 17U;
    static constexpr std::uint32_t kSign = 1U << 18U;
    static constexpr std::uint32_t kX509Sign = 1U << 19U;
    static constexpr std::uint32_t kKnown =
        0x000f'0ff6;  ///< every bit that has a meaning; the others must be 0

    ObjectAttributes() = default;
    explicit ObjectAttributes(std::uint32_t bits) : bits_(bits) {}
    /// All bits of `attribute` are set.
    [[nodiscard]] bool has(std::uint32_t attribute) const { return (bits_ & attribute) == attribute; }
    [[nodiscard]] std::uint32_t bits() const { return bits_; }
    /// Names as in the specification, ascending by bit: "fixedTPM", "fixedParent", ...
    [[nodiscard]] std::vector<std::string_view> names() const;
    bool operator==(const ObjectAttributes&) const = default;

  private:
    std::uint32_t bits_ = 0;
};

/// TPMT_SYM_DEF_OBJECT (Part 2, 11.1.7). `algorithm` is kAlgorithmNull for none; then the rest is 0.
struct SymmetricDefinition {
    std::uint16_t algorithm = kAlgorithmNull;  ///< TPM_ALG_ID
    std::uint16_t key_bits = 0;
    std::uint16_t mode = 0;  ///< TPM_ALG_ID
    bool operator==(const SymmetricDefinition&) const = default;
};

/// TPMT_RSA_SCHEME or TPMT_ECC_SCHEME. `hash` is present where the scheme has one: not for null and rsaes.
struct KeyScheme {
    Scheme scheme = Scheme::null;
    std::optional<HashAlgorithm> hash;
    bool operator==(const KeyScheme&) const = default;
};

/// TPMT_KDF_SCHEME; `hash` is present unless `algorithm` is kAlgorithmNull.
struct KdfScheme {
    std::uint16_t algorithm = kAlgorithmNull;  ///< TPM_ALG_ID
    std::optional<HashAlgorithm> hash;
    bool operator==(const KdfScheme&) const = default;
};

struct RsaPublic {
    std::uint16_t key_bits = 2048;   ///< 1024 (only to be judged), 2048, 3072 or 4096
    std::uint32_t exponent = 65537;  ///< never 0 here: 0 on the wire means 65537
    Bytes modulus;                   ///< big-endian, exactly key_bits / 8 bytes, highest and lowest bit set
    bool operator==(const RsaPublic&) const = default;
};

struct EccPublic {
    EccCurve curve = EccCurve::p256;
    KdfScheme kdf;
    Bytes x;  ///< big-endian, 1 to coordinate_size(curve) bytes
    Bytes y;  ///< likewise. That the point is on the curve is checked where a key is made of it
    bool operator==(const EccPublic&) const = default;
};

/// TPMT_PUBLIC of an asymmetric key (Part 2, 12.2.4). Parsed is not trusted: whether the key is what it
/// should be is the question of the functions below and of `ek_template_violations`.
struct TpmPublic {
    HashAlgorithm name_algorithm = HashAlgorithm::sha256;  ///< never SHA-1
    ObjectAttributes attributes;
    Bytes auth_policy;  ///< empty, or as long as a digest of name_algorithm
    SymmetricDefinition symmetric;
    KeyScheme scheme;
    std::variant<RsaPublic, EccPublic> key;

    [[nodiscard]] KeyType type() const {
        return std::holds_alternative<RsaPublic>(key) ? KeyType::rsa : KeyType::ecc;
    }
    bool operator==(const TpmPublic&) const = default;
};

/// All of `public_area` (a TPMT_PUBLIC, without the size of a TPM2B_PUBLIC) or an error with its offset.
/// `unsupported`: SHA-1 or unknown name algorithm, a type other than RSA and ECC, an unknown curve or scheme.
Result<TpmPublic> parse_tpm_public(ByteView public_area);

/// For builders and for keys that come in another form. Does not check what it writes.
Bytes encode_tpm_public(const TpmPublic& key);

/// The Name: nameAlg (16 bits, big-endian) || H_nameAlg(public area). (Part 1, 16) Computed over the bytes
/// given, never over a re-encoding. Errors as `parse_tpm_public`.
Result<Bytes> compute_name(ByteView public_area);

/// Why this is not a key that signs only what the TPM itself made (an AK); empty if it is one. Asks for:
/// restricted, fixedTPM, fixedParent, sensitiveDataOrigin, sign, not decrypt; RSA of at least 2048 bits with
/// an exponent of at least 65537, or P-256, P-384, P-521; a signing scheme with SHA-256, -384 or -512; no
/// symmetric algorithm.
std::vector<std::string> restricted_signing_key_violations(const TpmPublic& key);

}  // namespace assay::tcg
