#include "evidence/wire/section/journal.h"
#include "tests/fuzz/round_trip.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto bytes = assay::fuzz::view_of(data, size);
    assay::fuzz::round_trip(bytes, assay::decode_journal_record, assay::encode_journal_record);
    return 0;
}
