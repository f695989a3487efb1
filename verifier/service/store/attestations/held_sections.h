#pragma once

#include <string>

#include <soci/soci.h>

#include "verifier/service/store/attestations/attestations.h"

namespace assay::store {

/// In the caller's transaction: what the host holds, by name. Throws.
SectionDigests read_held_sections(soci::session& sql, const std::string& host);

}  // namespace assay::store
