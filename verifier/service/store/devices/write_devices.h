#pragma once

#include <soci/soci.h>

#include "verifier/service/store/devices/devices.h"

/// What authentic evidence that was accepted at a time (Unix seconds) brings, in the caller's transaction.
/// Both throw.
namespace assay::store {

/// Up to record `accepted` of the host's journal. The same record again changes nothing but its stay's end.
void write_devices(soci::session& sql, const std::string& host, const DeviceUpdate& update,
                   std::uint64_t accepted, std::int64_t attested_at);

/// All that the host has now. One statement more than a read when nothing changed. False where other
/// connections were in the way: then the transaction must not be kept.
bool write_inventory(soci::session& sql, const std::string& host,
                     const std::vector<judge::HostComponent>& components, std::int64_t now);

}  // namespace assay::store
