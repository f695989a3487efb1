// Input: what the verifier answers an agent, under each status that has a body. What is taken is within its
// limits, and a result that comes with it is the one that it names.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <variant>

#include "agent/settings.h"
#include "agent/verifier_api.h"
#include "evidence/base/limits.h"
#include "tests/fuzz/round_trip.h"

using namespace assay;
using namespace assay::agent;

namespace {

void check(const agent::verifier_api::Verdict& verdict) {
    if (verdict.grants.size() > agent::verifier_api::kMaxGrants) std::abort();
    if (!verdict.result) return;
    const auto names = result_names(*verdict.result);
    if (names.id != verdict.result_id || names.conclusion != verdict.conclusion) std::abort();
    if (verdict.result->tier != verdict.tier) std::abort();
}
void check(const agent::verifier_api::Wanted& wanted) {
    if (wanted.sections.empty() || wanted.sections.size() > limits::kSections) std::abort();
}
void check(const agent::verifier_api::Elsewhere& elsewhere) {
    if (elsewhere.ima && elsewhere.ima->offset > 1ULL << 40U) std::abort();
}
void check(const agent::verifier_api::NotProven&) {}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto text = as_text(fuzz::view_of(data, size));
    for (const int status : {200, 202, 403, 409}) {
        const auto answer = agent::verifier_api::parse_answer(status, text);
        // A conflict's text is the verifier's, and may be empty.
        if (!answer && answer.error().code != ErrorCode::conflict && answer.error().context.empty())
            std::abort();
        if (answer) std::visit([](const auto& each) { check(each); }, *answer);
    }
    const auto nonce = agent::verifier_api::parse_challenge(text);
    if (nonce && nonce->size() != kNonceSize) std::abort();
    const auto settings = parse_settings(text, "/etc/assay/agent.toml");
    if (!settings && settings.error().code != ErrorCode::usage) std::abort();
    return 0;
}
