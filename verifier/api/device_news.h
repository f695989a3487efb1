#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "evidence/wire/evidence.h"
#include "verifier/api/service.h"

namespace assay::api {

/// What a host's evidence says of where devices are: for the store, and for its appraisal.
struct Devices {
    store::DeviceNews news;
    std::vector<DeviceElsewhere> elsewhere;
    bool unread =
        false;  ///< something could not be decoded: an appraisal that affirms all the same does not stand
};

/// The journal's records that the host had not delivered before, followed from what was there. Times are the
/// verifier's; `challenged_at`, `now`: Unix seconds, the evidence was made between them. What cannot be
/// decoded is left out: the appraisal says what is wrong with it.
Result<Devices> devices_of(Service& service, const Evidence& evidence, const store::Host& host,
                           std::int64_t challenged_at, std::int64_t now);

}  // namespace assay::api
