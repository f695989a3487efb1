#include "client/command_line/nearest.h"

#include <algorithm>

namespace assay::command_line {

std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::vector<std::size_t>> d(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
    for (std::size_t i = 0; i <= a.size(); ++i) d[i][0] = i;
    for (std::size_t j = 0; j <= b.size(); ++j) d[0][j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replaced = d[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            d[i][j] = std::min({replaced, d[i - 1][j] + 1, d[i][j - 1] + 1});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
            }
        }
    }
    return d[a.size()][b.size()];
}

std::string nearest(std::string_view typed, const std::vector<std::string>& candidates) {
    constexpr std::size_t kLongestTyped = 64;  // nobody means a command by more, and the table is quadratic
    if (typed.empty() || typed.size() > kLongestTyped) return {};
    std::size_t best = std::clamp<std::size_t>(typed.size() / 3, 1, 3) + 1;
    std::string found;
    for (const auto& candidate : candidates) {
        const auto distance = edit_distance(typed, candidate);
        if (distance >= best) continue;
        best = distance;
        found = candidate;
    }
    return found;
}

}  // namespace assay::command_line
