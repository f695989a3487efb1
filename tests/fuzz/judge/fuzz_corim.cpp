// Input: a CoRIM. Whatever it is, it is read or refused with a reason, and nobody whom nobody trusts signed
// it.
#include <cstdint>
#include <cstdlib>

#include "tests/fuzz/round_trip.h"
#include "verifier/judge/rim/corim.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace assay;
    const auto bytes = fuzz::view_of(data, size);
    const auto strict = rim::read_corim(bytes, {.at_unix_time = 1'790'000'000});
    if (strict || strict.error().context.empty()) std::abort();
    const auto read = rim::read_corim(bytes, {.at_unix_time = 1'790'000'000, .allow_unsigned = true});
    if (read && (read->signer || read->values.size() > rim::limits::kValues)) std::abort();
    const auto map = rim::read_corim_unverified(bytes);
    if (!map) return 0;
    for (const auto& value : map->values) {
        if (value.digests.empty() || (value.pcr && *value.pcr > 23)) std::abort();
    }
    return 0;
}
