#pragma once

#include <optional>
#include <string>

#include <soci/soci.h>

#include "evidence/base/result.h"
#include "evidence/wire/delivery.h"

namespace assay::store {

/// The newest delivery of the host, `outdated` where it was given for another TPM than `ek_digest`.
Result<std::optional<Delivery>> newest_delivery(soci::session& sql, const std::string& host,
                                                const std::string& ek_digest);

}  // namespace assay::store
