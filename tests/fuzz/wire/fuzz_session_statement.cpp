// Input: the text that a technician or an escort signs. What is read has this text alone, and nobody's key
// signed it.
#include <cstdint>
#include <cstdlib>

#include "evidence/wire/statement/session_statement.h"
#include "tests/fuzz/round_trip.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace assay;
    const auto bytes = fuzz::view_of(data, size);
    const auto text = as_text(bytes);
    const auto statement = parse_session_statement(text);
    if (!statement && statement.error().context.empty()) std::abort();
    if (statement && session_statement_text(*statement) != text) std::abort();
    // The same bytes as a public key, and as a signature.
    const auto verified = session_signature_verifies(bytes, text, bytes);
    if (verified && *verified) std::abort();
    return 0;
}
