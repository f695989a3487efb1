#include "evidence/wire/section/ima_state.h"
#include "evidence/wire/section/journal.h"
#include "evidence/wire/section/sections.h"
#include "tests/fuzz/round_trip.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace assay;
    const auto bytes = fuzz::view_of(data, size);
#define CBOR_SECTION(id, constant, name, type) \
    fuzz::round_trip(bytes, decode_##id##_section, encode_##id##_section);
#include "evidence/wire/section/sections.inc"
    fuzz::round_trip(bytes, decode_ima_state, encode_ima_state);
    return 0;
}
