#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "evidence/base/result.h"
#include "verifier/judge/appraisal/facts/standing/shown_activation.h"

namespace assay::cli {

/// What the token that a bundle brings is worth under the keys of a verifier. `keys`: a JWKS document or one
/// PEM public key, which never come from the bundle; what is neither is an error, since nothing can be told
/// by it. What is wrong with the token is no error but its standing.
Result<judge::ShownActivation> verify_activation(const std::optional<std::string>& token,
                                                 std::string_view keys);

}  // namespace assay::cli
