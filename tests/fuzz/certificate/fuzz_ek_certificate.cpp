// Whatever parses as a certificate can be judged, and is not trusted where nothing is pinned.
#include <cstdint>
#include <cstdlib>

#include "evidence/certificate/ek_certificate.h"

using namespace assay::tcg;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto certificate = Certificate::parse(std::as_bytes(std::span(data, size)));
    if (!certificate) return 0;
    if (certificate->der().size() > size || certificate->key_kind().empty()) std::abort();
    const std::span itself(&*certificate, 1);
    const auto verdict = verify_ek_certificate(*certificate, itself, {}, 1'790'000'000);
    if (verdict.trusted() || verdict.reasons.empty()) std::abort();
    return 0;
}
