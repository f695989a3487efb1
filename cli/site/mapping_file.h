#pragma once

#include <string>

#include "cli/context.h"

namespace assay::cli {

struct MappingFile {
    std::string name;  ///< for messages, printable
    std::string text;
};

/// A mapping by its file (*.toml), or by its name one of those that are part of the program: "onguard".
Result<MappingFile> read_mapping_file(const std::string& file_or_name);

}  // namespace assay::cli
