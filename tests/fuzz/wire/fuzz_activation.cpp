// Input: the claims of a statement of activation. What is taken is within its limits, its times are in order,
// and it is the same after another round.
#include <cstdint>
#include <cstdlib>

#include "evidence/base/limits.h"
#include "evidence/wire/statement/activation_statement.h"
#include "tests/fuzz/round_trip.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace assay;
    const auto text = as_text(fuzz::view_of(data, size));
    static_cast<void>(unverified_activation(text));
    const auto statement = activation_of(text);
    if (!statement) {
        if (statement.error().context.empty()) std::abort();
        return 0;
    }
    if (statement->host.empty() || statement->host.size() > limits::kHostName) std::abort();
    if (statement->activated_at < 0 || statement->activated_at > statement->issued_at) std::abort();
    if (statement->expires_at <= statement->issued_at) std::abort();
    if (activation_of(activation_claims(*statement)) != statement) std::abort();
    return 0;
}
