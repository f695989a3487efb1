#include "evidence/tpm/quote.h"

#include <string>
#include <string_view>

#include "evidence/base/limits.h"
#include "evidence/tpm/attest_common.h"

namespace assay::tcg {
namespace {

/// TPMS_QUOTE_INFO (Part 2, 10.12.1).
void read_quote_info(ByteReader& in, Quote& quote) {
    quote.selection = read_pcr_selection(in);
    quote.pcr_digest = to_bytes(in.tpm2b(Digest::kMaxSize, "pcrDigest"));
}

Quote read_quote(ByteReader& in) {
    Quote quote;
    expect_attest(in, kAttestQuote, "a quote");
    read_attest_common(in, quote);
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
        case kAttestCertify:
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
    read_attest_common(in, reading.fields);
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
    write_attest_common(out, magic, type, quote);
    write_pcr_selection(out, quote.selection);
    out.tpm2b(quote.pcr_digest);
    return out.take();
}

}  // namespace assay::tcg
