// Whatever parses as a public area survives a round trip, has a Name, and can be judged and made a key of.
#include <cstdint>
#include <cstdlib>

#include "evidence/tcg/credential.h"
#include "evidence/tcg/signature.h"
#include "evidence/tcg/tpm_public.h"

using namespace assay::tcg;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto bytes = std::as_bytes(std::span(data, size));
    const auto key = parse_tpm_public(bytes);
    if (key.has_value() != compute_name(bytes).has_value()) std::abort();
    if (!key) return 0;
    if (parse_tpm_public(encode_tpm_public(*key)) != key) std::abort();
    const bool signs = restricted_signing_key_violations(*key).empty();
    if (signs && ek_template_violations(*key).empty()) std::abort();  // no key may be both
    if (VerifyKey::from(*key)) return 0;
    return 0;
}
