#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "cli/inspect/verdict.h"

namespace assay::test {

using Ids = std::vector<std::string>;

inline nlohmann::json details(const cli::InspectVerdict& answer) {
    return nlohmann::json::parse(answer.details.dump());
}

inline Ids ids(const cli::InspectVerdict& answer) {
    Ids out;
    for (const auto& reason : answer.reasons()) out.push_back(reason.id);
    return out;
}

}  // namespace assay::test
