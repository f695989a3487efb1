#pragma once

#include <optional>
#include <string>
#include <string_view>

/// The mappings of verifier/inputs/mappings are part of the program, so that a name means the same from a
/// build folder, from a package and without either.
namespace assay::inputs {

/// The text of a mapping that ships, by its name: "onguard".
std::optional<std::string_view> shipped_mapping(std::string_view name);

/// Their names, ascending: "assay, brivo, ...". For messages.
std::string shipped_mapping_names();

}  // namespace assay::inputs
