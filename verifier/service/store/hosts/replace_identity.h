#pragma once

#include <cstdint>

#include <soci/soci.h>

#include "evidence/base/result.h"
#include "verifier/service/store/records.h"

namespace assay::store {

/// The one place that changes a row of hosts: ends the enrolment's replacement, keeps the old identity in it,
/// and lets journal, clock and held sections begin anew. Part of the transaction of `activate`, which claims
/// the new keys. `conflict` where the replacement is over.
Result<> replace_identity(soci::session& sql, const Enrolment& enrolment, std::int64_t now);

}  // namespace assay::store
