#pragma once

#include <cstdint>

#include <soci/soci.h>

#include "verifier/service/store/devices/device_sightings.h"

namespace assay::store {

/// In the caller's transaction, of authentic evidence: up to record `accepted` of the host's journal. The
/// same record again changes nothing but its stay's end. Throws.
void write_devices(soci::session& sql, const DeviceUpdate& update, std::uint64_t accepted);

}  // namespace assay::store
