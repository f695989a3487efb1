#include "cli/site/mapping_file.h"

#include <filesystem>

#include "evidence/base/text.h"

namespace assay::cli {

Result<MappingFile> read_mapping_file(const std::string& file_or_name) {
    constexpr std::size_t kMapping = 256U << 10U;
    auto path = std::filesystem::path(file_or_name);
    if (path.extension() != ".toml")
        path = std::filesystem::path(ASSAY_DATA_DIR) / "mappings" / (file_or_name + ".toml");
    const auto bytes = TRY(read_file(path.string(), kMapping));
    return MappingFile{.name = printable(path.string()), .text = std::string(as_text(bytes))};
}

}  // namespace assay::cli
