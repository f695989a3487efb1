#pragma once

#include <string_view>

#include "evidence/base/byte_reader.h"
#include "evidence/base/byte_writer.h"
#include "evidence/base/digest.h"
#include "evidence/tpm/quote.h"

/// Inside evidence: what every type of TPMS_ATTEST has before what is its own (TPM 2.0 Part 2, 10.12.12).
namespace assay::tcg {

inline constexpr std::size_t kTpm2bName = 2 + Digest::kMaxSize;  ///< at most a TPMT_HA (Part 2, 10.5.3)
inline constexpr std::size_t kTpm2bData = 2 + Digest::kMaxSize;  ///< likewise (Part 2, 10.4.3)

/// Magic and type; an error at the field where it is another. `wanted`: "a quote".
void expect_attest(ByteReader& in, std::uint16_t type, std::string_view wanted);

ClockInfo read_clock_info(ByteReader& in);

/// `Attest`: Quote or Certification.
template <typename Attest>
void read_attest_common(ByteReader& in, Attest& attest) {
    attest.qualified_signer = to_bytes(in.tpm2b(kTpm2bName, "qualifiedSigner"));
    attest.extra_data = to_bytes(in.tpm2b(kTpm2bData, "extraData"));
    attest.clock_info = read_clock_info(in);
    attest.firmware_version = in.u64be("firmwareVersion");
}

template <typename Attest>
void write_attest_common(ByteWriter& out, std::uint32_t magic, std::uint16_t type, const Attest& attest) {
    const auto& clock = attest.clock_info;
    out.u32be(magic).u16be(type).tpm2b(attest.qualified_signer).tpm2b(attest.extra_data);
    out.u64be(clock.clock_ms).u32be(clock.reset_count).u32be(clock.restart_count).u8(clock.safe ? 1 : 0);
    out.u64be(attest.firmware_version);
}

}  // namespace assay::tcg
