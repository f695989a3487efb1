#include "cli/site/mapping_file.h"

#include <filesystem>

#include <fmt/core.h>

#include "evidence/base/text.h"
#include "verifier/service/inputs/shipped_mappings.h"

namespace assay::cli {

Result<MappingFile> read_mapping_file(const std::string& file_or_name) {
    constexpr std::size_t kMapping = 256U << 10U;
    if (const auto text = inputs::shipped_mapping(file_or_name))
        return MappingFile{.name = fmt::format("{}.toml", file_or_name), .text = std::string(*text)};
    if (std::filesystem::path(file_or_name).extension() != ".toml") {
        return fail(
            ErrorCode::usage,
            fmt::format("--mapping: expected a file whose name ends in .toml, or one of those that ship "
                        "({}), got {}",
                        inputs::shipped_mapping_names(), cell(file_or_name)));
    }
    const auto bytes = TRY(read_file(file_or_name, kMapping));
    return MappingFile{.name = printable(file_or_name), .text = std::string(as_text(bytes))};
}

}  // namespace assay::cli
