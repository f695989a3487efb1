#include "evidence/tpm/attest_common.h"

#include <string>

namespace assay::tcg {
namespace {

bool read_yes_no(ByteReader& in, std::string_view what) {
    const std::size_t at = in.offset();
    const std::uint8_t value = in.u8(what);
    if (value > 1) in.fail_at(at, ErrorCode::malformed, std::string(what) + " is neither 0 nor 1");
    return value == 1;
}

}  // namespace

void expect_attest(ByteReader& in, std::uint16_t type, std::string_view wanted) {
    if (in.u32be("magic") != kTpmGenerated)
        in.fail_at(0, ErrorCode::malformed, "magic is not TPM_GENERATED_VALUE: no TPM made this");
    const std::size_t type_at = in.offset();
    const std::uint16_t found = in.u16be("type");
    if (found == type) return;
    in.fail_at(type_at, ErrorCode::malformed,
               "type " + std::to_string(found) + " (" + std::string(attest_type_name(found)) + ") is not " +
                   std::string(wanted));
}

ClockInfo read_clock_info(ByteReader& in) {
    ClockInfo clock;
    clock.clock_ms = in.u64be("clock");
    clock.reset_count = in.u32be("resetCount");
    clock.restart_count = in.u32be("restartCount");
    clock.safe = read_yes_no(in, "safe");
    return clock;
}

}  // namespace assay::tcg
