#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "verifier/judge/appraisal/steps/open_evidence.h"
#include "verifier/service/shared/service.h"
#include "verifier/service/store/devices/devices.h"
#include "verifier/service/store/hosts/hosts.h"

namespace assay::api {

/// What a host's evidence says of where devices are: for the store, and for its appraisal.
struct Devices {
    store::DeviceUpdate update;
    std::vector<DeviceOnOtherHost> elsewhere;
    /// What was there when the host last told; absent where it brings no record.
    std::optional<std::vector<PresentDevice>> present;
};

/// The journal's records that the host had not delivered before, followed from what was there. Times are the
/// verifier's; `challenged_at`, `now`: Unix seconds, the evidence was made between them. What could not be
/// decoded is left out: the appraisal says what is wrong with it.
Result<Devices> devices_of(Service& service, const judge::OpenedEvidence& opened, const store::Host& host,
                           std::int64_t challenged_at, std::int64_t now);

}  // namespace assay::api
