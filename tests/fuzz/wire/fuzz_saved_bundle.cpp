#include "evidence/wire/saved_bundle.h"
#include "tests/fuzz/round_trip.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace assay;
    const auto bytes = fuzz::view_of(data, size);
    fuzz::round_trip(bytes, decode_saved_bundle, encode_saved_bundle);
    fuzz::round_trip(bytes, decode_challenge, encode_challenge);
    fuzz::round_trip(bytes, decode_known_host, encode_known_host);
    fuzz::round_trip(bytes, decode_work_session, encode_work_session);
    return 0;
}
