// Input: what of a host is open, or its monitor's last sign of life, as the store keeps it. What is read says
// the same when it is written again, and nothing is over that somebody has still to acknowledge.
#include "evidence/base/limits.h"
#include "evidence/wire/open_matter.h"
#include "tests/fuzz/round_trip.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace assay;
    constexpr std::size_t kDigits = 16;
    const auto bytes = fuzz::view_of(data, size);
    fuzz::round_trip(bytes, decode_watch_point, encode_watch_point);
    fuzz::round_trip(bytes, decode_open_matters, encode_open_matters);
    const auto matters = decode_open_matters(bytes);
    if (!matters) return 0;
    if (matters->size() > limits::kOpenMatters) std::abort();
    for (const auto& matter : *matters) {
        if (matter_id(matter).size() != kDigits) std::abort();
        if (matter.acks.size() > limits::kAcknowledgements) std::abort();
        if (is_over(matter) && missing_acknowledgements(matter) != 0) std::abort();
        if (is_over(matter) && matter.device && matter.device->gone_record == 0) std::abort();
    }
    return 0;
}
