#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "evidence/base/digest.h"

/// Microsoft's certificates for UEFI Secure Boot, of 2011 and of 2023, by name. PURE.
namespace assay::judge {

/// One of them, told by the SHA-256 of its DER: a subject is what anybody may write into a certificate.
struct KnownCertificate {
    std::string_view name;      ///< the subject's common name
    std::string_view variable;  ///< where it belongs: "db" or "KEK"
    std::uint32_t year = 0;     ///< 2011 or 2023
    std::string_view sha256;    ///< of its DER, lower-case hex
    std::string_view issuer;    ///< the issuer's common name
    std::string_view replaces;  ///< name of the one of 2011 whose work it takes over; empty for those
};

/// All of them. The names and what replaces what are Microsoft's: docs/howto/secure-boot-rollover.md cites
/// the pages.
std::span<const KnownCertificate> known_certificates();
/// Null for another one.
const KnownCertificate* known_certificate(const Digest& sha256);
/// By its name, letter for letter but for upper and lower case; null where no such name is known.
const KnownCertificate* known_certificate_named(std::string_view name);

}  // namespace assay::judge
