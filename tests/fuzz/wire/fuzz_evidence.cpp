#include "evidence/wire/proof.h"
#include "tests/fuzz/round_trip.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto bytes = assay::fuzz::view_of(data, size);
    assay::fuzz::round_trip(bytes, assay::decode_manifest, assay::encode_manifest);
    assay::fuzz::round_trip(bytes, assay::decode_evidence, assay::encode_evidence);
    assay::fuzz::round_trip(bytes, assay::decode_proof, assay::encode_proof);
    return 0;
}
