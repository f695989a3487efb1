#pragma once

#include <cstddef>
#include <cstdint>

/// TPM_ALG_ID and TPM_ECC_CURVE values of the kinds of keys and schemes that Assay processes (TCG Algorithm
/// Registry). Hash algorithms are `assay::HashAlgorithm`.
namespace assay::tcg {

enum class KeyType : std::uint16_t { rsa = 0x0001, ecc = 0x0023 };

enum class EccCurve : std::uint16_t { p256 = 0x0003, p384 = 0x0004, p521 = 0x0005 };

/// Signing and decryption schemes of a public area; of these rsassa, rsapss and ecdsa occur in signatures.
enum class Scheme : std::uint16_t {
    null = 0x0010,
    rsassa = 0x0014,
    rsaes = 0x0015,
    rsapss = 0x0016,
    oaep = 0x0017,
    ecdsa = 0x0018,
    ecdh = 0x0019,
};

inline constexpr std::uint16_t kAlgorithmNull = 0x0010;
inline constexpr std::uint16_t kAlgorithmAes = 0x0006;
inline constexpr std::uint16_t kAlgorithmCfb = 0x0043;

/// Bytes of one coordinate: 32, 48, 66.
constexpr std::size_t coordinate_size(EccCurve curve) {
    return curve == EccCurve::p256 ? 32 : curve == EccCurve::p384 ? 48 : 66;
}

}  // namespace assay::tcg
