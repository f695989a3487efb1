#pragma once

#include <string_view>

#include "evidence/base/result.h"

namespace assay {

/// "8.93901E+18": what a spreadsheet writes in place of a long number, or of text that looks like one
/// ("893E16"), when it saves a cell that is not formatted as text. One to three digits, a fraction by point
/// or comma, E or e, a sign, up to three digits. Programs that print floating-point numbers write the same.
bool is_spreadsheet_number(std::string_view text);

/// An error that names the remedy where `text` is such a number: most of its digits are lost, so it names
/// nothing. For texts that name a part, a host, a person or a row.
Result<> not_a_spreadsheet_number(std::string_view text);

}  // namespace assay
