#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

namespace assay::inputs {

/// What stands at a dotted path, "fields.status.name"; the value itself for an empty one, nullptr where
/// nothing does. Borrowed from `value`.
const nlohmann::json* at_path(const nlohmann::json& value, std::string_view path);

/// The same as text: "7" of {"id": 7}. Empty for nothing, null, a list, an object, or an empty path.
std::string text_at(const nlohmann::json& value, std::string_view path);

}  // namespace assay::inputs
