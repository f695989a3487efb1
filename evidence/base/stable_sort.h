#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <numeric>
#include <utility>
#include <vector>

namespace assay {

/// Sorts `items`; equal ones keep their order. Instead of std::stable_sort, which libstdc++ 12 builds on a
/// function that is deprecated: clang warns of it at each use.
template <typename T, typename Less = std::ranges::less, typename Projection = std::identity>
void sort_stably(std::vector<T>& items, Less less = {}, Projection projection = {}) {
    std::vector<std::size_t> order(items.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::sort(order, [&](std::size_t a, std::size_t b) {
        if (std::invoke(less, std::invoke(projection, items[a]), std::invoke(projection, items[b])))
            return true;
        if (std::invoke(less, std::invoke(projection, items[b]), std::invoke(projection, items[a])))
            return false;
        return a < b;
    });
    std::vector<T> sorted;
    sorted.reserve(items.size());
    for (const auto at : order) sorted.push_back(std::move(items[at]));
    items = std::move(sorted);
}

}  // namespace assay
