#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace assay::accompaniment {

struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
};

/// By texts of the directory, asked for with a view, in no order; elements stay where they are. Not for what
/// a feed names: whoever chooses all the keys can make them fall into one bucket.
template <typename T>
using TextMap = std::unordered_map<std::string, T, TextHash, std::equal_to<>>;

}  // namespace assay::accompaniment
