#pragma once

#include <string_view>

namespace assay {

/// The version of all three programs, and of the appraiser that a result names. CMakeLists.txt reads it here.
inline constexpr std::string_view kVersion = "0.1.0";

}  // namespace assay
