#pragma once

#include "verifier/service/shared/service.h"
#include "verifier/service/store/hosts/hosts.h"

namespace assay::api {

/// The host has not attested for longer than the policy's intervals allow, by the service's clock.
bool is_silent(Service& service, const store::Contact& contact);

/// The finding `host.silent`, for one that is.
Finding silence_of(Service& service, const store::Contact& contact);

}  // namespace assay::api
