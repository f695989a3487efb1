#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <soci/soci.h>

#include "verifier/service/store/devices/inventory.h"

namespace assay::store {

/// Of all that a host has: two with the same digest are written as the same. Hex.
std::string inventory_digest(const std::vector<HostComponent>& components);

/// In the caller's transaction: what the host has now (all of it), seen at `now`; what it had before was last
/// seen at `seen_at` (Unix time, seconds). One read where nothing changed. False where other connections were
/// in the way: then the transaction must not be kept. Throws.
bool write_inventory(soci::session& sql, const std::string& host,
                     const std::vector<HostComponent>& components, std::int64_t seen_at, std::int64_t now);

}  // namespace assay::store
