#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "vendor-db/model/vendor_db.h"

namespace assay::test {

/// The .toml files of one shipped folder, named as the product names them: "vendors/dell.toml".
inline std::vector<vendors::SourceFile> shipped(const std::string& folder) {
    std::vector<vendors::SourceFile> files;
    if (!std::filesystem::exists(ASSAY_SOURCE_DIR "/vendor-db/" + folder)) return files;
    for (const auto& entry : std::filesystem::directory_iterator(ASSAY_SOURCE_DIR "/vendor-db/" + folder)) {
        if (entry.path().extension() != ".toml") continue;
        std::ifstream file(entry.path(), std::ios::binary);
        files.push_back(
            {folder + "/" + entry.path().filename().string(), {std::istreambuf_iterator<char>(file), {}}});
    }
    std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    return files;
}

/// What is wrong with these first, or "none".
inline std::string first_complaint(const vendors::Sources& sources) {
    const auto all = vendors::check(sources);
    return all.empty() ? "none" : to_string(all.front());
}

/// All that ships.
inline vendors::Sources shipped_sources() {
    return {shipped("vendors"), shipped("lists"), shipped("decisions"), shipped("firmware"),
            shipped("baselines")};
}

}  // namespace assay::test
