#pragma once

#include <cstddef>
#include <cstdint>
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
    /// Lines that begin with '#' are left out: RFC 4180 knows no such thing, so only where a page says so.
    bool comments = false;
};

struct CsvRow {
    std::size_t line = 0;  ///< where it begins, from 1
    std::vector<std::string> fields;
};

/// Where rows end: at a line feed outside of quotes (RFC 4180, 2.6). Takes a table in pieces of any size, and
/// remembers nothing but where in a row it is.
class CsvRowEnds {
  public:
    /// How many bytes of `bytes` belong to the row that they go on with, its line feed included; npos where
    /// the row goes on behind them.
    std::size_t find(std::string_view bytes);

  private:
    enum class At : std::uint8_t { file, field, plain, quoted, closed };
    At at_ = At::file;
};

/// The fields of one row, with its line feed or without. The error names no line; `rows`, `bytes` and
/// `comments` of the limits do not count.
Result<std::vector<std::string>> parse_csv_row(std::string_view row, const CsvLimits& limits = {});

/// RFC 4180 as spreadsheets write it: comma, "quoted" fields with "" for a quote in them, lines that end in
/// LF or CRLF, a UTF-8 byte order mark in front, a missing newline at the end. Blank lines are left out. A
/// line break within a quoted field becomes a blank. Every row must have as many fields as the first, every
/// field must be UTF-8 without control characters; white space around it is removed. The error names the line
/// where the row begins: "line 7: ...".
Result<std::vector<CsvRow>> parse_csv(std::string_view text, const CsvLimits& limits = {});

/// How many lines `parse_csv` leaves out as comments.
std::size_t csv_comments(std::string_view text);

}  // namespace assay
