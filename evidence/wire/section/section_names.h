#pragma once

#include <string_view>

/// The names of evidence sections, as they stand in the manifest. docs/formats/evidence.md lists what each
/// one holds.
namespace assay::section {

#define RAW_SECTION(constant, name) inline constexpr std::string_view k##constant = name;
#include "evidence/wire/section/sections.inc"

inline constexpr std::string_view kAll[] = {
#define RAW_SECTION(constant, name) name,
#include "evidence/wire/section/sections.inc"
};

}  // namespace assay::section
