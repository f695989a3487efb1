// Whatever parses as a public area survives a round trip, has a Name, and can be judged and made a key of; as
// the file of a key it is the same key.
#include <cstdint>
#include <cstdlib>

#include "evidence/certificate/public_key_file.h"
#include "evidence/tpm/key/credential.h"
#include "evidence/tpm/key/signature.h"
#include "evidence/tpm/key/tpm_public.h"

using namespace assay::tcg;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto bytes = std::as_bytes(std::span(data, size));
    const auto key = parse_tpm_public(bytes);
    const auto file = parse_public_key_file(bytes);
    if (file && VerifyKey::from(file->key) && file->form.empty()) std::abort();
    if (key && (!file || file->key != *key || !file->is_public_area)) std::abort();
    if (key.has_value() != compute_name(bytes).has_value()) std::abort();
    if (!key) return 0;
    if (parse_tpm_public(encode_tpm_public(*key)) != key) std::abort();
    const bool signs = restricted_signing_key_violations(*key).empty();
    if (signs && ek_template_violations(*key).empty()) std::abort();  // no key may be both
    if (VerifyKey::from(*key)) return 0;
    return 0;
}
