#pragma once

#include <array>

namespace assay::api::site {

/// The lists of a directory whose elements have ids, and stand in versions.
inline constexpr std::array kDirectoryLists = {"zones", "persons", "hosts", "entities", "issuers", "readers"};

}  // namespace assay::api::site
