#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <soci/soci.h>

#include "verifier/service/store/attestations/attestations.h"
#include "verifier/service/store/site/write_site.h"

namespace assay::store {

/// Once a day and host, each host at another time of the day, an act names the newest result, so that no
/// result before it can be taken away: between two reports at these times (Unix time, seconds) it is due.
bool is_seal_due(const std::string& host, std::int64_t before, std::int64_t now);

/// In the caller's transaction, and last in it: the acts that tell of this attestation. What it concluded,
/// where that is another than before, or the seal of the day; what its journal brought (`written`, which get
/// the act's number); and that the host was shown what is not here. A steady report has none. Throws.
void write_acts(soci::session& sql, const Attestation& attestation,
                const std::vector<WrittenDocument>& written);

}  // namespace assay::store
