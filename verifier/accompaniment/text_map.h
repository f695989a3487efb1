#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace assay::accompaniment {

struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
};

/// By texts, asked for with a view, in no order. For ids that the owner of the site gives: whoever chose them
/// to have one hash would make it slow.
template <typename T>
using TextMap = std::unordered_map<std::string, T, TextHash, std::equal_to<>>;

}  // namespace assay::accompaniment
