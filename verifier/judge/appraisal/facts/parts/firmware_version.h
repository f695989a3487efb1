#pragma once

#include <compare>
#include <string_view>

namespace assay::judge {

/// Compares versions field by field: a field is a run of digits or a run of letters, everything else
/// separates. Digits compare as numbers of any length, letters by ASCII without case; a number is newer than
/// letters in the same place, letters are newer than nothing ("3.4a" > "3.4"), and a missing number is 0
/// ("1.2" == "1.2.0"). Two texts that start with 0x compare as hexadecimal numbers.
std::weak_ordering compare_versions(std::string_view a, std::string_view b);

}  // namespace assay::judge
