#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "cli/context.h"
#include "evidence/wire/saved_bundle.h"

namespace assay::cli {

/// The evidence of a host as the verifier holds it: the newest, or the newest that was appraised at or before
/// `at` (Unix time, seconds).
Result<SavedBundle> bundle_of_host(const Context& context, const std::string& host,
                                   std::optional<std::int64_t> at = std::nullopt);

/// Of a host, or from a saved bundle or a recorded host's folder; `usage` unless exactly one is given.
Result<SavedBundle> bundle_of(const Context& context, const std::string& host, const std::string& evidence);

}  // namespace assay::cli
