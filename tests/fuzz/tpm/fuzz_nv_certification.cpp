// Whatever parses as the certification of an NV index is written back as the same bytes, and is neither a
// quote nor the certification of an object.
#include "evidence/certificate/certification.h"
#include "evidence/tpm/nv.h"
#include "evidence/tpm/quote.h"
#include "tests/fuzz/round_trip.h"

using namespace assay::tcg;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto bytes = assay::fuzz::view_of(data, size);
    assay::fuzz::round_trip(bytes, parse_nv_certification,
                            [](const NvCertification& nv) { return encode_nv_certification(nv); });
    const auto nv = parse_nv_certification(bytes);
    if (!nv) return 0;
    if (nv->contents.size() > 2048 || nv->extra_data.size() > 66) std::abort();
    if (parse_quote(bytes) || parse_certification(bytes)) std::abort();
    return 0;
}
