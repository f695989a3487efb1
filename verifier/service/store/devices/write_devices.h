#pragma once

#include <soci/soci.h>

#include "verifier/service/store/devices/devices.h"

/// What authentic evidence brings, in the caller's transaction. All throw.
namespace assay::store {

/// Up to record `accepted` of the host's journal. The same record again changes nothing but its stay's end.
void write_devices(soci::session& sql, const DeviceUpdate& update, std::uint64_t accepted);

/// All that the host has now, seen at `now`; what it had before was last seen at `seen_at` (Unix time,
/// seconds). One read where nothing changed. False where other connections were in the way: then the
/// transaction must not be kept.
bool write_inventory(soci::session& sql, const std::string& host,
                     const std::vector<judge::HostComponent>& components, std::int64_t seen_at,
                     std::int64_t now);

}  // namespace assay::store
