// Whatever parses as a platform certificate can be judged and shown, is not trusted where nothing is pinned,
// and is no bigger than its bytes.
#include <cstdint>
#include <cstdlib>

#include "evidence/certificate/platform/judge_platform_certificate.h"

using namespace assay::tcg;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto certificate = PlatformCertificate::parse(std::as_bytes(std::span(data, size)));
    if (!certificate) return 0;
    if (certificate->der.size() > size || certificate->signed_part.size() >= certificate->der.size())
        std::abort();
    if (certificate->components.size() > kPlatformComponents) std::abort();
    auto delta = *certificate;  // once more as a delta of itself: every change is tried
    delta.type = PlatformCertificate::Type::delta;
    delta.holder = delta.issuer;
    const std::vector both{*certificate, delta};
    const auto verdict = judge_platform_certificates(
        {.certificates = both, .issuers = {}, .roots = {}, .ek = nullptr, .at = 1'790'000'000});
    if (verdict.trusted() || verdict.reasons.empty()) std::abort();
    if (verdict.components.size() > 2 * kPlatformComponents) std::abort();
    for (const auto& component : verdict.components) {
        if (component_text(component).empty()) std::abort();
    }
    return 0;
}
