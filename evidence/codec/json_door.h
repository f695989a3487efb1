#pragma once

#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "evidence/base/limits.h"
#include "evidence/base/result.h"

namespace assay {

/// Bytes of the text, nesting, and values counted over the whole document.
struct JsonLimits {
    std::size_t bytes = limits::kJsonBody;
    std::size_t depth = limits::kJsonDepth;
    std::size_t values = limits::kJsonValues;
};

/// Of a document that this program wrote, maybe joined of many that came through the door one by one.
inline constexpr JsonLimits kStoredJson{
    .bytes = 256U << 20U, .depth = limits::kJsonDepth, .values = 20'000'000};

/// The one door for JSON from outside: size, depth and count limits stand before the parse, a duplicate key
/// is refused, as are leftovers, comments and text that is not UTF-8. Errors carry the byte offset where the
/// parser knows it.
Result<nlohmann::json> parse_json(std::string_view text, JsonLimits limits = {});

}  // namespace assay
