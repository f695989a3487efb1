// Input: what a journal record of kind `session` carries.
#include "evidence/wire/statement/session_document.h"
#include "tests/fuzz/round_trip.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    assay::fuzz::round_trip(assay::fuzz::view_of(data, size), assay::decode_session_document,
                            assay::encode_session_document);
    return 0;
}
