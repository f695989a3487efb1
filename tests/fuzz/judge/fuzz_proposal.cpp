// Input: what a rehearsal is asked about, as it stands and as one policy of it.
#include <cstdint>
#include <cstdlib>

#include "tests/fuzz/round_trip.h"
#include "verifier/judge/appraisal/policy/policy.h"
#include "verifier/judge/appraisal/policy/proposal.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace assay;
    const auto bytes = fuzz::view_of(data, size);
    fuzz::round_trip(bytes, judge::decode_proposal, judge::encode_proposal);
    const auto policy = judge::Policy::from_toml("policy.toml", as_text(bytes));
    if (!policy && policy.error().context.empty()) std::abort();
    if (policy && policy->digest != sha256(bytes)) std::abort();
    return 0;
}
