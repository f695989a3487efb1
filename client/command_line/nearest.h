#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace assay::command_line {

/// Insertions, deletions, replacements and swaps of neighbours that make `b` of `a` (optimal string alignment
/// distance).
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The candidate that `typed` was probably meant to be: the nearest one within a third of its length (at
/// least one, at most three edits), the first of equals; empty if none is that near.
std::string nearest(std::string_view typed, const std::vector<std::string>& candidates);

}  // namespace assay::command_line
