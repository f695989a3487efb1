#pragma once

#include <cstdint>

#include "evidence/base/bytes.h"
#include "evidence/base/digest.h"
#include "evidence/base/result.h"
#include "evidence/tpm/quote.h"

/// NV indices, and TPM2_NV_Certify: a key of the TPM says what an index holds (TPM 2.0 Part 3, 31.16).
namespace assay::tcg {

inline constexpr std::uint16_t kAttestNv = 0x8014;  ///< TPM_ST_ATTEST_NV (Part 2, 6.9)

/// TPMA_NV (Part 2, 13.4).
inline constexpr std::uint32_t kNvOwnerWrite = 1U << 1U;
inline constexpr std::uint32_t kNvAuthWrite = 1U << 2U;
inline constexpr std::uint32_t kNvCounter = 0x1U << 4U;  ///< TPM_NT_COUNTER
inline constexpr std::uint32_t kNvExtend = 0x4U << 4U;   ///< TPM_NT_EXTEND
inline constexpr std::uint32_t kNvOwnerRead = 1U << 17U;
inline constexpr std::uint32_t kNvAuthRead = 1U << 18U;
inline constexpr std::uint32_t kNvNoDa = 1U << 25U;
inline constexpr std::uint32_t kNvWritten = 1U << 29U;  ///< set by the TPM at the first write

/// TPMS_NV_PUBLIC (Part 2, 13.5) without a policy.
struct NvPublic {
    std::uint32_t index = 0;
    HashAlgorithm name_algorithm = HashAlgorithm::sha256;
    std::uint32_t attributes = 0;  ///< TPMA_NV
    std::uint16_t size = 0;        ///< bytes
    bool operator==(const NvPublic&) const = default;
};

/// nameAlg || H_nameAlg(TPMS_NV_PUBLIC) (Part 1, 16): changes with whatever the index is.
Bytes nv_name(const NvPublic& area);

/// TPMS_ATTEST of NV type (Part 2, 10.12.12 and 10.12.8). As with a quote, nothing in it is true before the
/// signature over the very same bytes verifies.
struct NvCertification {
    Bytes qualified_signer;  ///< qualified Name of the signing key
    Bytes extra_data;        ///< qualifyingData; at most 66 bytes
    ClockInfo clock_info;
    std::uint64_t firmware_version = 0;
    Bytes index_name;          ///< Name of the index
    std::uint16_t offset = 0;  ///< of `contents` in the index
    Bytes contents;            ///< at most 2048 bytes
    bool operator==(const NvCertification&) const = default;
};

/// All of `attest`: magic, type, every field, nothing left over; another attestation type is refused by its
/// name. At most limits::kQuote bytes.
Result<NvCertification> parse_nv_certification(ByteView attest);

/// For builders: writes what it is given, also a wrong magic or type.
Bytes encode_nv_certification(const NvCertification& certification, std::uint32_t magic = kTpmGenerated,
                              std::uint16_t type = kAttestNv);

}  // namespace assay::tcg
