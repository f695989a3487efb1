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
/// Where the attestation with this revision began another stretch than `before`: the newest point of the
/// newest stretch is in host_state, and that of `before` stays here.
void begin_boot_clock(soci::session& sql, const std::string& host, const std::optional<BootClock>& before,
                      const BootClock& clock, std::int64_t revision);
/// The two are of one stretch.
bool goes_on(const BootClock& before, const BootClock& clock);

}  // namespace assay::store
