#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "evidence/certificate/ek_certificate.h"
#include "evidence/certificate/platform/platform_certificate.h"
#include "evidence/certificate/platform/platform_reason.h"

namespace assay::tcg {

/// The platform certificates of one machine, and what they are judged by.
struct PlatformQuestion {
    std::span<const PlatformCertificate> certificates;  ///< one base and any deltas, in any order
    std::span<const Certificate> issuers;               ///< certificates that may lead to a root: untrusted
    std::span<const Certificate> roots;                 ///< pinned: an issuer's own certificate may be one
    const Certificate* ek = nullptr;                    ///< of the machine's TPM; null: not known
    std::int64_t at = 0;                                ///< seconds since 1970-01-01 UTC
};

struct PlatformVerdict : VerdictOf<PlatformReasonKind> {
    /// The base's components with all deltas applied; as far as they could be.
    std::vector<PlatformComponent> components;
};

/// Every reason that there is. For each certificate: signature over the bytes of acinfo by the named issuer,
/// that issuer's path to a root, dates, critical extensions; for the base: the holder is the EK certificate;
/// for each delta: it is about this base. (RFC 5755, 5; Platform Certificate Profile 1.1, 3 and 4)
PlatformVerdict judge_platform_certificates(const PlatformQuestion& question);

/// "class 2.23.133.18.3.1:00060001, 80AD000080AD HMA81GS6AFR8N-UH, serial 41C2B5A6": for messages.
std::string component_text(const PlatformComponent& component);

}  // namespace assay::tcg
