#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "evidence/base/digest.h"
#include "evidence/base/result.h"

namespace assay::vendors {

/// A root certificate of a TPM maker that may be trusted: docs/formats/tpm-roots.md. The digest is what is
/// pinned; the rest are facts about the certificate with that digest.
struct TpmRootPin {
    Digest sha256;  ///< of the certificate's DER
    std::string vendor;
    std::string subject;                         ///< RFC 2253, UTF-8
    std::int64_t not_before = 0, not_after = 0;  ///< seconds since 1970-01-01 UTC
    /// Makers, as an EK certificate's SAN names them ("id:4E544300"), whose TPMs the root stands for; empty:
    /// anybody's.
    std::vector<std::string> manufacturers;
    std::vector<std::string> sources;  ///< who publishes it
    std::string where;                 ///< "pins.toml:7"
};

/// `text` is TOML; `name` is what errors call it. A digest twice is refused.
Result<std::vector<TpmRootPin>> parse_tpm_root_pins(std::string name, std::string_view text);

}  // namespace assay::vendors
