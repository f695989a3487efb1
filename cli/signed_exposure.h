#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "evidence/base/result.h"

namespace assay::cli {

/// An answer to `assay vendors exposure` whose signature holds: docs/formats/exposure.md.
struct VerifiedExposure {
    std::string key_id;
    std::int64_t issued_at = 0;  ///< Unix time, seconds
    std::string document;        ///< the exposure, JSON
};

/// The token is of an exposure, whoever signed it.
bool is_exposure(std::string_view token);

/// `document`: the member "exposure" of the answer, laid out in any way. `refused` where the token is not
/// believed or names another one; `keys` as verify_token takes them.
Result<VerifiedExposure> verify_exposure(std::string_view token, std::string_view keys,
                                         std::string_view document);

}  // namespace assay::cli
