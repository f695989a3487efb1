#include "evidence/wire/evidence.h"
#include "tests/fuzz/round_trip.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto bytes = assay::fuzz::view_of(data, size);
    assay::fuzz::round_trip(bytes, assay::decode_manifest, assay::encode_manifest);
    assay::fuzz::round_trip(bytes, assay::decode_evidence, assay::encode_evidence);
    return 0;
}
