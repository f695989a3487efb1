#pragma once

#include <cstdint>
#include <string>

#include <soci/soci.h>

#include "verifier/service/store/attestations/attestations.h"

namespace assay::store {

/// In the caller's transaction: what the host's authentic evidence showed at `now` (Unix time, seconds). One
/// read where nothing changed. `internal` where something did, and `seen` has no documents. Throws.
Result<> write_secure_boot(soci::session& sql, const std::string& host, const SeenSecureBoot& seen,
                           std::int64_t now);

}  // namespace assay::store
