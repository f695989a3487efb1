#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

namespace assay::cli {

/// "2026-11-22 10:42:25Z" of Unix milliseconds under `key`, "-" where it is absent or 0.
std::string moment_of(const nlohmann::json& object, std::string_view key);

/// Text under `key` that was made printable before it was stored: as `cell`, without another backslash.
std::string stored_cell(const nlohmann::json& object, std::string_view key);

}  // namespace assay::cli
