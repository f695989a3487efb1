#pragma once

#include <map>
#include <string>
#include <string_view>

namespace assay::accompaniment {

/// Short texts first: ids of one kind differ in length or behind a common beginning, so most comparisons are
/// of two numbers.
struct ShortFirst {
    using is_transparent = void;
    bool operator()(std::string_view a, std::string_view b) const {
        return a.size() != b.size() ? a.size() < b.size() : a < b;
    }
};

/// By texts, asked for with a view.
template <typename T>
using TextMap = std::map<std::string, T, ShortFirst>;

}  // namespace assay::accompaniment
