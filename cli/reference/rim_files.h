#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cli/context.h"
#include "verifier/judge/rim/rim.h"

/// Reference integrity manifests as files, for `assay reference import`.
namespace assay::cli {

struct RimFiles {
    std::vector<std::string> manifests, support, roots, keys, profiles;
    std::string last;  ///< the manifest that was imported before
    bool allow_unsigned = false;
};

void add_rim_options(command_line::Command& command, RimFiles& files);

/// A manifest, and the name of its file.
struct RimFile {
    std::string name;
    rim::Rim rim;
};

/// Reads all of them at `at` (Unix time, seconds). A support RIM belongs to the manifest that has its digest;
/// where a manifest's support RIM is not among the files given, it is looked for by its name beside the
/// manifest. `refused` for a support RIM of none of the manifests, and for a manifest older than the last one
/// of its tag.
Result<std::vector<RimFile>> read_rims(const RimFiles& files, std::int64_t at);

Json to_json(const RimFile& file);
/// What it is, who signed it, what is missing and what is not used; with `values` each of them.
void print(const RimFile& file, bool values);

}  // namespace assay::cli
