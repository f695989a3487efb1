#pragma once

#include <cstdint>

#include <soci/soci.h>

#include "verifier/store/site.h"

namespace assay::store {

/// Within a transaction: takes the place of the newest of its kind and id. 1 if it was stored, 0 if the
/// newest has the same digest. Throws.
std::int64_t put_site_document(soci::session& sql, const SiteDocument& document);

}  // namespace assay::store
