#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "evidence/base/bytes.h"
#include "evidence/base/result.h"
#include "evidence/tpm/pcr.h"

namespace assay::tcg {

inline constexpr std::uint32_t kTpmGenerated = 0xff54'4347;  ///< TPM_GENERATED_VALUE (TPM 2.0 Part 2, 6.2)
inline constexpr std::uint16_t kAttestQuote = 0x8018;        ///< TPM_ST_ATTEST_QUOTE (Part 2, 6.9)
inline constexpr std::uint16_t kAttestCertify = 0x8017;      ///< TPM_ST_ATTEST_CERTIFY

/// TPMS_CLOCK_INFO (Part 2, 10.11.1).
struct ClockInfo {
    std::uint64_t clock_ms = 0;     ///< milliseconds powered since the last TPM2_Clear; runs only with power
    std::uint32_t reset_count = 0;  ///< TPM Resets since the last TPM2_Clear: boots
    std::uint32_t restart_count = 0;  ///< suspends and restarts since the last TPM Reset
    bool safe = false;                ///< no higher clock value was ever reported
    bool operator==(const ClockInfo&) const = default;
};

/// TPMS_ATTEST of quote type (Part 2, 10.12.12). Nothing in it is true before the signature over the very
/// same bytes verifies under a key that is known to be restricted.
struct Quote {
    Bytes qualified_signer;  ///< Name of the signing key's ancestry (TPM2B_NAME)
    Bytes extra_data;        ///< qualifyingData as the caller of TPM2_Quote gave it; at most 66 bytes
    ClockInfo clock_info;
    std::uint64_t firmware_version = 0;  ///< vendor-specific
    PcrSelection selection;
    Bytes pcr_digest;  ///< 0 to 64 bytes, by the signing scheme's hash (see tcg::pcr_digest)
    bool operator==(const Quote&) const = default;
};

/// All of `attest`: magic, type, every field, nothing left over. Another attestation type (Certify, GetTime,
/// NV, ...) is refused by name. At most limits::kQuote bytes.
Result<Quote> parse_quote(ByteView attest);

/// A TPMS_ATTEST as far as it can be read, for a tool that names every fault of it at once. Nothing of it is
/// judged, let alone verified; an appraisal uses `parse_quote`.
struct AttestReading {
    std::uint32_t magic = 0;    ///< kTpmGenerated in what a TPM made
    std::uint16_t type = 0;     ///< kAttestQuote in a quote
    Quote fields;               ///< selection and pcr_digest only where `type` is kAttestQuote
    std::size_t left_over = 0;  ///< bytes behind it; 0 where `type` is another, whose end is not looked for
    std::optional<Error> stopped;  ///< where and why reading ended early; `fields` holds what came before
};
/// At most limits::kQuote bytes are read: more is `stopped` with `limit`.
AttestReading read_attest(ByteView attest);

/// "TPM_ST_ATTEST_QUOTE", ... (Part 2, 6.9); "no attestation type" for a value that is none.
std::string_view attest_type_name(std::uint16_t type);

/// For builders: writes what it is given, also a wrong magic or type.
Bytes encode_quote(const Quote& quote, std::uint32_t magic = kTpmGenerated,
                   std::uint16_t type = kAttestQuote);

}  // namespace assay::tcg
