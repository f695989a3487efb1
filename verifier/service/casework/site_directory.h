#pragma once

#include <memory>

#include "verifier/service/shared/service.h"

namespace assay::api::site {

/// directory.json with what the vendor data knows of its entities now, and its indexes; every version that
/// ever was in force is in it. `not_found` while there is none. Read anew only where something of it changed:
/// Service::directory keeps it.
Result<std::shared_ptr<const SiteDirectory>> site_directory(Service& service);

}  // namespace assay::api::site
