// Input: a list of digests, by lines or as CSV. What is read says nothing of a signer, and each value has one
// digest that is worth something.
#include <cstdint>
#include <cstdlib>

#include "evidence/base/text.h"
#include "tests/fuzz/round_trip.h"
#include "verifier/judge/rim/digest_list.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace assay;
    const auto list = rim::read_digest_list(fuzz::view_of(data, size), "list");
    if (!list) {
        if (list.error().context.empty()) std::abort();
        return 0;
    }
    if (list->format != rim::RimFormat::digest_list || list->signer) std::abort();
    if (list->values.size() > rim::limits::kValues) std::abort();
    for (const auto& value : list->values) {
        if (value.digests.size() != 1 || value.digests.front().algorithm() == HashAlgorithm::sha1)
            std::abort();
        if (value.kind != (value.pcr ? rim::RimValueKind::event : rim::RimValueKind::file)) std::abort();
        if (value.pcr && *value.pcr > 23) std::abort();
        if (kept_printable(value.path) != value.path) std::abort();
    }
    return 0;
}
