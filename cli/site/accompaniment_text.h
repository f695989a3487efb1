#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

namespace assay::cli {

/// One verdict as a reviewer reads it: the outcome, A1 to A6 as a table, the notes, the timeline if there is
/// one.
std::string decision_text(const nlohmann::json& verdict);

}  // namespace assay::cli
