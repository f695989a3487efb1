#include <nlohmann/json.hpp>

#include "evidence/codec/json_door.h"
#include "evidence/wire/attestation_result.h"
#include "tests/fuzz/round_trip.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto text = assay::as_text(assay::fuzz::view_of(data, size));
    (void)assay::parse_json(text);
    // Other JSON may mean the same result; its own encoding must then decode to the same.
    if (const auto result = assay::decode_attestation_result(text)) {
        if (assay::decode_attestation_result(assay::encode_attestation_result(*result)) != result)
            std::abort();
    }
    if (const auto conclusion = assay::decode_conclusion(text)) {
        if (assay::decode_conclusion(assay::encode_conclusion(*conclusion)) != conclusion) std::abort();
        const auto digest = assay::conclusion_digest(*conclusion);
        if (assay::decode_occasion(assay::encode_occasion(*conclusion, digest), *conclusion) != conclusion)
            std::abort();
    }
    return 0;
}
