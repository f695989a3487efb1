#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "evidence/base/result.h"

namespace assay {

/// What one table may hold.
struct CsvLimits {
    std::size_t bytes = 4U << 20U;
    std::size_t rows = 20'000;
    std::size_t columns = 32;
    std::size_t field = 1024;  ///< bytes of one field
};

struct CsvRow {
    std::size_t line = 0;  ///< where it begins, from 1
    std::vector<std::string> fields;
};

/// RFC 4180 as spreadsheets write it: comma, "quoted" fields with "" for a quote in them, lines that end in
/// LF or CRLF, a UTF-8 byte order mark in front, a missing newline at the end. Blank lines are left out, and
/// so are lines that begin with '#'. Every row must have as many fields as the first, every field must be
/// UTF-8 without control characters (so a quoted field has no newline); white space around it is removed. The
/// error names the line: "line 7: ...".
Result<std::vector<CsvRow>> parse_csv(std::string_view text, const CsvLimits& limits = {});

}  // namespace assay
