#include "evidence/codec/csv.h"

#include <algorithm>

#include <fmt/core.h>

#include "evidence/base/text.h"

namespace assay {
namespace {

std::unexpected<Error> at(std::size_t line, ErrorCode code, std::string what) {
    return fail(code, fmt::format("line {}: {}", line, what));
}

bool has_control(std::string_view text) {
    return std::ranges::any_of(text, [](char c) {
        return static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) == 0x7f;
    });
}

/// The field that `line` begins with, taken off it; `more` says whether a comma came after it.
Result<std::string> take_field(std::string_view& line, std::size_t number, bool& more) {
    std::string field;
    const auto blank = std::min(line.find_first_not_of(" \t"), line.size());
    if (blank < line.size() && line[blank] == '"') {
        line.remove_prefix(blank + 1);
        for (;;) {
            const auto quote = line.find('"');
            if (quote == std::string_view::npos)
                return at(number, ErrorCode::malformed,
                          "a quoted field has no end; a field stands on one line");
            field.append(line.substr(0, quote));
            line.remove_prefix(quote + 1);
            if (!line.starts_with('"')) break;
            field += '"';
            line.remove_prefix(1);
        }
        const auto rest = line.substr(0, line.find(','));
        if (!trimmed(rest).empty())
            return at(number, ErrorCode::malformed,
                      "text behind a quoted field; write a quote in it as \"\"");
        line.remove_prefix(rest.size());
    } else {
        const auto end = std::min(line.find(','), line.size());
        field = line.substr(0, end);
        if (field.find('"') != std::string::npos)
            return at(number, ErrorCode::malformed, "a quote within a field; put the whole field in quotes");
        line.remove_prefix(end);
    }
    more = line.starts_with(',');
    if (more) line.remove_prefix(1);
    return std::string(trimmed(field));
}

Result<CsvRow> parse_row(std::string_view line, std::size_t number, const CsvLimits& limits) {
    CsvRow row{number, {}};
    for (bool more = true; more;) {
        if (row.fields.size() == limits.columns)
            return at(number, ErrorCode::limit, fmt::format("more than {} fields", limits.columns));
        auto field = TRY(take_field(line, number, more));
        if (field.size() > limits.field)
            return at(number, ErrorCode::limit, fmt::format("a field of more than {} bytes", limits.field));
        if (!is_utf8(field) || has_control(field))
            return at(number, ErrorCode::malformed, "a field that is not UTF-8 or has control characters");
        row.fields.push_back(std::move(field));
    }
    return row;
}

}  // namespace

Result<std::vector<CsvRow>> parse_csv(std::string_view text, const CsvLimits& limits) {
    if (text.size() > limits.bytes)
        return fail(ErrorCode::limit, fmt::format("{} bytes, at most {} allowed", text.size(), limits.bytes));
    if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
    std::vector<CsvRow> rows;
    for (std::size_t number = 1; !text.empty(); ++number) {
        const auto end = std::min(text.find('\n'), text.size());
        auto line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (trimmed(line).empty() || line.starts_with('#')) continue;
        if (rows.size() == limits.rows)
            return at(number, ErrorCode::limit, fmt::format("more than {} rows", limits.rows));
        auto row = TRY(parse_row(line, number, limits));
        if (!rows.empty() && row.fields.size() != rows.front().fields.size()) {
            return at(number, ErrorCode::malformed,
                      fmt::format("{} fields, and line {} has {}", row.fields.size(), rows.front().line,
                                  rows.front().fields.size()));
        }
        rows.push_back(std::move(row));
    }
    return rows;
}

}  // namespace assay
