#include "verifier/service/inputs/shipped_mappings.h"

#include <algorithm>
#include <array>
#include <utility>

namespace assay::inputs {
namespace {

constexpr std::array kShippedMappings = {
#define MAPPING(name, text) std::pair<std::string_view, std::string_view>{name, text},
#include "mappings.inc"
#undef MAPPING
};

}  // namespace

std::optional<std::string_view> shipped_mapping(std::string_view name) {
    const auto found = std::ranges::find(kShippedMappings, name, [](const auto& each) { return each.first; });
    return found == kShippedMappings.end() ? std::nullopt : std::optional(found->second);
}

std::string shipped_mapping_names() {
    std::string out;
    for (const auto& [name, text] : kShippedMappings) out += (out.empty() ? "" : ", ") + std::string(name);
    return out;
}

}  // namespace assay::inputs
