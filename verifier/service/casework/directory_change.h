#pragma once

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

/// What one directory has that another has not: for who approves it. PURE.
namespace assay::api::site {

struct DirectoryChange {
    std::vector<std::string> words;  ///< "persons: adds p-17", "persons: changes p-esc (keys)"; no names
    /// Persons, issuers, keys, badges and rights are taken away, hosts taken out of service, entities refused
    /// or owners of them told, and nothing is given: one person may do that at once.
    bool only_takes_away = true;
};

/// Both as they are imported; `before` an empty object where there is none.
DirectoryChange change_of(const nlohmann::json& before, const nlohmann::json& after);

}  // namespace assay::api::site
