#include "evidence/tcg/quote.h"

#include <string>
#include <string_view>

#include "evidence/base/byte_reader.h"
#include "evidence/base/byte_writer.h"
#include "evidence/base/limits.h"

namespace assay::tcg {
namespace {

constexpr std::size_t kName = 2 + Digest::kMaxSize;  // TPM2B_NAME holds at most a TPMT_HA (Part 2, 10.5.3)
constexpr std::size_t kExtraData = 2 + Digest::kMaxSize;  // so does TPM2B_DATA (Part 2, 10.4.3)

bool read_yes_no(ByteReader& in, std::string_view what) {
    const std::size_t at = in.offset();
    const std::uint8_t value = in.u8(what);
    if (value > 1) in.fail_at(at, ErrorCode::malformed, std::string(what) + " is neither 0 nor 1");
    return value == 1;
}

ClockInfo read_clock_info(ByteReader& in) {
    ClockInfo clock;
    clock.clock_ms = in.u64be("clock");
    clock.reset_count = in.u32be("resetCount");
    clock.restart_count = in.u32be("restartCount");
    clock.safe = read_yes_no(in, "safe");
    return clock;
}

/// What every type of attestation has before what is its own (Part 2, 10.12.12).
void read_common(ByteReader& in, Quote& quote) {
    quote.qualified_signer = to_bytes(in.tpm2b(kName, "qualifiedSigner"));
    quote.extra_data = to_bytes(in.tpm2b(kExtraData, "extraData"));
    quote.clock_info = read_clock_info(in);
    quote.firmware_version = in.u64be("firmwareVersion");
}

/// TPMS_QUOTE_INFO (Part 2, 10.12.1).
void read_quote_info(ByteReader& in, Quote& quote) {
    quote.selection = read_pcr_selection(in);
    quote.pcr_digest = to_bytes(in.tpm2b(Digest::kMaxSize, "pcrDigest"));
}

Quote read_quote(ByteReader& in) {
    Quote quote;
    if (in.u32be("magic") != kTpmGenerated) {
        in.fail_at(0, ErrorCode::malformed, "magic is not TPM_GENERATED_VALUE: no TPM made this");
    }
    const std::size_t type_at = in.offset();
    const std::uint16_t type = in.u16be("type");
    if (type != kAttestQuote) {
        in.fail_at(
            type_at, ErrorCode::malformed,
            "type " + std::to_string(type) + " (" + std::string(attest_type_name(type)) + ") is not a quote");
    }
    read_common(in, quote);
    read_quote_info(in, quote);
    return quote;
}

}  // namespace

std::string_view attest_type_name(std::uint16_t type) {
    switch (type) {
        case 0x8014:
            return "TPM_ST_ATTEST_NV";
        case 0x8015:
            return "TPM_ST_ATTEST_COMMAND_AUDIT";
        case 0x8016:
            return "TPM_ST_ATTEST_SESSION_AUDIT";
        case 0x8017:
            return "TPM_ST_ATTEST_CERTIFY";
        case kAttestQuote:
            return "TPM_ST_ATTEST_QUOTE";
        case 0x8019:
            return "TPM_ST_ATTEST_TIME";
        case 0x801a:
            return "TPM_ST_ATTEST_CREATION";
        case 0x801c:
            return "TPM_ST_ATTEST_NV_DIGEST";
        default:
            return "no attestation type";
    }
}

AttestReading read_attest(ByteView attest) {
    AttestReading reading;
    if (attest.size() > limits::kQuote) {
        reading.stopped = Error{ErrorCode::limit, std::to_string(attest.size()) + " bytes", {}};
        return reading;
    }
    ByteReader in(attest);
    reading.magic = in.u32be("magic");
    reading.type = in.u16be("type");
    read_common(in, reading.fields);
    if (reading.type == kAttestQuote) {
        read_quote_info(in, reading.fields);
        reading.left_over = in.remaining();
    }
    reading.stopped = in.error();
    return reading;
}

Result<Quote> parse_quote(ByteView attest) {
    if (attest.size() > limits::kQuote) {
        return fail(ErrorCode::limit, "TPMS_ATTEST of " + std::to_string(attest.size()) + " bytes");
    }
    return parse_exact(attest, "TPMS_ATTEST", read_quote);
}

Bytes encode_quote(const Quote& quote, std::uint32_t magic, std::uint16_t type) {
    ByteWriter out;
    out.u32be(magic).u16be(type).tpm2b(quote.qualified_signer).tpm2b(quote.extra_data);
    out.u64be(quote.clock_info.clock_ms).u32be(quote.clock_info.reset_count);
    out.u32be(quote.clock_info.restart_count).u8(quote.clock_info.safe ? 1 : 0).u64be(quote.firmware_version);
    write_pcr_selection(out, quote.selection);
    out.tpm2b(quote.pcr_digest);
    return out.take();
}

}  // namespace assay::tcg
