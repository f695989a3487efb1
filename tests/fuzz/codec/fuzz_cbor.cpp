#include "evidence/codec/cbor.h"
#include "tests/fuzz/round_trip.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto bytes = assay::fuzz::view_of(data, size);
    // The whole of it, and each item by what it says it is.
    (void)assay::cbor::parse_document(bytes, "fuzz", [](assay::cbor::Reader& in) {
        in.skip();
        return true;
    });
    (void)assay::cbor::parse_document(bytes, "fuzz", [](assay::cbor::Reader& in) {
        in.map("fuzz", [&](std::string_view) { in.array("fuzz", 10, [&] { in.integer("fuzz"); }); });
        return true;
    });
    return 0;
}
