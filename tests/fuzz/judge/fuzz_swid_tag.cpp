// Input: a SWID tag. Whatever it is, it is read or refused with a reason, and nobody signed it.
#include <cstdint>
#include <cstdlib>

#include "tests/fuzz/round_trip.h"
#include "verifier/judge/rim/pc_client_rim.h"
#include "verifier/judge/rim/swid_tag.h"
#include "verifier/judge/rim/xml_signature.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace assay;
    const auto bytes = fuzz::view_of(data, size);
    const auto document = rim::xml::parse(bytes);
    if (!document) {
        if (document.error().context.empty()) std::abort();
        return 0;
    }
    const auto tag = rim::read_swid_tag(*document);
    if (tag && (tag->tag_id.empty() || tag->files.size() > rim::limits::kValues)) std::abort();
    (void)rim::signature_of(*document);
    const auto verified = rim::verify_xml_signature(*document, {.at_unix_time = 1'790'000'000});
    if (verified || verified.error().context.empty()) std::abort();
    const auto read =
        rim::read_pc_client_rim(bytes, {}, {.at_unix_time = 1'790'000'000, .allow_unsigned = true});
    if (read && read->signer) std::abort();
    return 0;
}
