#pragma once

#include <cstdint>
#include <vector>

#include <soci/soci.h>

#include "verifier/service/store/site/site.h"

namespace assay::store {

/// Within a transaction: each takes the place of the newest of its kind and id; one whose digest is the
/// newest's is left out. How many were stored; `Refused::moved`. Throws.
Written<std::int64_t> write_site(soci::session& sql, const std::vector<SiteDocument>& documents);
/// These events are not judged again for a report.
void settle_events(soci::session& sql, const std::vector<std::string>& settled);

}  // namespace assay::store
