#include "verifier/service/inputs/json_path.h"

#include <algorithm>

#include <nlohmann/json.hpp>

namespace assay::inputs {

using nlohmann::json;

const json* at_path(const json& value, std::string_view path) {
    const auto* node = &value;
    while (!path.empty()) {
        const auto dot = std::min(path.find('.'), path.size());
        if (!node->is_object()) return nullptr;
        const auto found = node->find(std::string(path.substr(0, dot)));
        if (found == node->end()) return nullptr;
        node = &*found;
        path.remove_prefix(std::min(dot + 1, path.size()));
    }
    return node;
}

std::string text_at(const json& value, std::string_view path) {
    const auto* node = path.empty() ? nullptr : at_path(value, path);
    if (node == nullptr || node->is_null() || node->is_structured()) return {};
    return node->is_string() ? node->get<std::string>() : node->dump();
}

}  // namespace assay::inputs
