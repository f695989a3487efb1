#pragma once

#include <cstdint>
#include <string_view>

#include "evidence/base/result.h"

namespace assay::cli {

/// "90s", "30m", "12h", "2d" or a plain number of seconds, as seconds; `usage` otherwise.
Result<std::int64_t> parse_duration(std::string_view text);

/// A point in time as Unix seconds: "2026-11-22", "2026-11-22T10:42:25Z",
/// "2026-11-22T11:42:25+01:00", "@1795344145", or a duration before
/// `now` ("24h"). A plain number is refused: it could be either.
Result<std::int64_t> parse_time(std::string_view text, std::int64_t now);

}  // namespace assay::cli
