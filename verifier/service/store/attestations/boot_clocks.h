#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <soci/soci.h>

#include "evidence/wire/saved_bundle.h"

/// The mapping of TPM time to verifier time of each stretch of a host's boots, in the caller's transaction.
/// One of a TPM that was exchanged stays, and is not the host's any more.
namespace assay::store {

/// The newest of the host's present TPM.
std::optional<BootClock> newest_boot_clock(soci::session& sql, const std::string& host);
/// As the attestation with this revision left it: moves the stretch that is there, or adds one.
void keep_boot_clock(soci::session& sql, const std::string& host, const BootClock& clock,
                     std::int64_t revision);

}  // namespace assay::store
