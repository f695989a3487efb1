#pragma once

#include <cstdint>
#include <string>

#include <soci/soci.h>

#include "verifier/judge/appraisal/steps/appraise.h"

namespace assay::store {

/// Of bank and values: two with the same digest are written as the same. Hex.
std::string boot_digest(const judge::QuotedPcrs& quoted);

/// In the caller's transaction: the PCRs that the host's authentic quote had at `now` (Unix time, seconds).
/// One read where nothing changed. Throws.
void write_boots(soci::session& sql, const std::string& host, const judge::QuotedPcrs& quoted,
                 std::int64_t now);

}  // namespace assay::store
