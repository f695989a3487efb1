// Whatever parses as a quote is written back as the same bytes, but for a fourth octet of zero in a
// selection.
#include <cstdint>
#include <cstdlib>

#include "evidence/tcg/quote.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto quote = assay::tcg::parse_quote(std::as_bytes(std::span(data, size)));
    if (!quote) return 0;
    const auto encoded = assay::tcg::encode_quote(*quote);
    if (encoded.size() > size || assay::tcg::parse_quote(encoded) != quote) std::abort();
    return 0;
}
