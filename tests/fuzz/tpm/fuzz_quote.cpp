// Whatever parses as a quote is written back as the same bytes, but for a fourth octet of zero in a
// selection; and the lenient reading finds nothing wrong with it, and something with everything else.
// Whatever parses as a certification is written back as the same bytes, and is no quote.
#include <cstdint>
#include <cstdlib>

#include "evidence/certificate/certification.h"
#include "evidence/tpm/quote.h"

using namespace assay::tcg;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto bytes = std::as_bytes(std::span(data, size));
    const auto quote = parse_quote(bytes);
    if (const auto certification = parse_certification(bytes)) {
        if (quote || !assay::equal(encode_certification(*certification), bytes)) std::abort();
    }
    const auto read = read_attest(bytes);
    const bool faultless =
        read.magic == kTpmGenerated && read.type == kAttestQuote && !read.stopped && read.left_over == 0;
    if (faultless != quote.has_value()) std::abort();
    if (!quote) return 0;
    if (read.fields != *quote) std::abort();
    const auto encoded = encode_quote(*quote);
    if (encoded.size() > size || parse_quote(encoded) != quote) std::abort();
    const auto again = pcr_selection_from_text(to_text(quote->selection));
    if (again && *again != quote->selection) std::abort();
    return 0;
}
