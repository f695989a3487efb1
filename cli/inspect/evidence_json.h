#pragma once

#include <nlohmann/json_fwd.hpp>

#include "evidence/base/bytes.h"
#include "evidence/base/result.h"

namespace assay::cli {

/// TPMS_ATTEST of quote type, field by field. Nothing is verified: there is no key here.
Result<nlohmann::json> inspect_quote(ByteView attest);

/// Evidence (as it is sent) or a saved bundle (which has everything for an appraisal). Says of every section
/// whether its bytes are there and whether their digest is the manifest's, and whether the quote's extraData
/// is the binding of nonce and manifest.
Result<nlohmann::json> inspect_evidence(ByteView bytes);

}  // namespace assay::cli
