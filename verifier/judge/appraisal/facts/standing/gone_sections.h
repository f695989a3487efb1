#pragma once

#include <vector>

#include "evidence/wire/evidence.h"
#include "evidence/wire/saved_bundle.h"

/// Sections that the host gave before and does not give now. PURE.
namespace assay::judge {

/// What of it is told now: of `known.open` those that are still not in the manifest, and of `changes` those
/// of sections, which are taken out of it unless they were planned.
std::vector<HostChange> gone_sections(const KnownHost& known, const Manifest& manifest,
                                      std::vector<HostChange>& changes);

/// "section bmc" is not there, for the reason that the host gives.
HostChange gone_section(std::string_view name, std::string_view why);

/// A part of a list stands for the list.
bool has_section(const Manifest& manifest, std::string_view name);

}  // namespace assay::judge
