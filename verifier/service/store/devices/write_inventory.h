#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <soci/soci.h>

#include "verifier/service/store/devices/inventory.h"

namespace assay::store {

/// In the caller's transaction: what the host has now (all of it), seen at `now` (Unix time, seconds). One
/// statement more than a read when nothing changed. False where other connections were in the way: then the
/// transaction must not be kept. Throws.
bool write_inventory(soci::session& sql, const std::string& host,
                     const std::vector<HostComponent>& components, std::int64_t now);

}  // namespace assay::store
