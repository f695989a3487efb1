#pragma once

#include <soci/soci.h>

#include "evidence/base/result.h"

namespace assay::store {

/// The part of migration 0015 that SQL cannot say: each attestation of the tables that end in _before becomes
/// a conclusion and an occasion, under the id that it had; then those tables go. In the caller's transaction.
/// `internal` for a result that is not the one of its id: then nothing may be changed. Throws.
Result<> move_attestations(soci::session& sql);

}  // namespace assay::store
