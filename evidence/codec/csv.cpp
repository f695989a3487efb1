#include "evidence/codec/csv.h"

#include <algorithm>

#include <fmt/core.h>

#include "evidence/base/text.h"

namespace assay {
namespace {

bool has_control(std::string_view text) {
    return std::ranges::any_of(text, [](char c) {
        return static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) == 0x7f;
    });
}

// Line breaks as blanks: a name that was written on two lines is one name.
std::string on_one_line(std::string_view field) {
    std::string out;
    out.reserve(field.size());
    for (const char c : field) {
        if (c == '\n' && out.ends_with('\r')) out.pop_back();
        out += c == '\n' ? ' ' : c;
    }
    return out;
}

/// The field that `row` begins with, taken off it; `more` says whether a comma came after it.
Result<std::string> take_field(std::string_view& row, bool& more) {
    std::string field;
    const auto blank = std::min(row.find_first_not_of(" \t"), row.size());
    if (blank < row.size() && row[blank] == '"') {
        row.remove_prefix(blank + 1);
        for (;;) {
            const auto quote = row.find('"');
            if (quote == std::string_view::npos)
                return fail(ErrorCode::malformed,
                            "a quoted field has no end; write a quote within a field as \"\", and the whole "
                            "field in quotes");
            field.append(row.substr(0, quote));
            row.remove_prefix(quote + 1);
            if (!row.starts_with('"')) break;
            field += '"';
            row.remove_prefix(1);
        }
        const auto rest = row.substr(0, row.find(','));
        if (!trimmed(rest).empty())
            return fail(ErrorCode::malformed, "text behind a quoted field; write a quote in it as \"\"");
        row.remove_prefix(rest.size());
        field = on_one_line(field);
    } else {
        const auto end = std::min(row.find(','), row.size());
        field = row.substr(0, end);
        if (field.find('"') != std::string::npos)
            return fail(ErrorCode::malformed, "a quote within a field; put the whole field in quotes");
        row.remove_prefix(end);
    }
    more = row.starts_with(',');
    if (more) row.remove_prefix(1);
    return std::string(trimmed(field));
}

/// Calls `read` for every row that is neither blank nor a comment, until it fails.
template <typename Read, typename Skip>
Result<> each_row(std::string_view text, bool comments, Read read, Skip skip) {
    if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
    for (std::size_t number = 1; !text.empty();) {
        const bool comment = comments && text.starts_with('#');
        const auto feed = text.find('\n');
        const auto length = !comment                         ? CsvRowEnds().find(text)
                            : feed == std::string_view::npos ? feed
                                                             : feed + 1;
        const auto row = text.substr(0, length);
        text.remove_prefix(row.size());
        if (comment)
            skip();
        else if (!trimmed(row).empty())
            TRY_VOID(read(row, number));
        number += static_cast<std::size_t>(std::ranges::count(row, '\n'));
    }
    return {};
}

}  // namespace

std::size_t CsvRowEnds::find(std::string_view bytes) {
    constexpr std::string_view kOrderMark = "\xef\xbb\xbf";
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const char c = bytes[i];
        if (at_ == At::quoted) {
            if (c == '"') at_ = At::closed;
        } else if (c == '\n') {
            at_ = At::field;
            return i + 1;
        } else if (c == ',') {
            at_ = At::field;
        } else if (c == '"') {
            // Behind the end of a quoted field it is the second of two, which are one quote.
            at_ = at_ == At::plain ? At::plain : At::quoted;
        } else if (at_ == At::closed || !(c == ' ' || c == '\t')) {
            if (at_ != At::file || kOrderMark.find(c) == std::string_view::npos) at_ = At::plain;
        }
    }
    return std::string_view::npos;
}

Result<std::vector<std::string>> parse_csv_row(std::string_view row, const CsvLimits& limits) {
    if (row.ends_with('\n')) row.remove_suffix(1);
    if (row.ends_with('\r')) row.remove_suffix(1);
    std::vector<std::string> fields;
    for (bool more = true; more;) {
        if (fields.size() == limits.columns)
            return fail(ErrorCode::limit, fmt::format("more than {} fields", limits.columns));
        auto field = TRY(take_field(row, more));
        if (field.size() > limits.field)
            return fail(ErrorCode::limit, fmt::format("a field of more than {} bytes", limits.field));
        if (!is_utf8(field) || has_control(field))
            return fail(ErrorCode::malformed, "a field that is not UTF-8 or has control characters");
        fields.push_back(std::move(field));
    }
    return fields;
}

Result<std::vector<CsvRow>> parse_csv(std::string_view text, const CsvLimits& limits) {
    if (text.size() > limits.bytes)
        return fail(ErrorCode::limit, fmt::format("{} bytes, at most {} allowed", text.size(), limits.bytes));
    std::vector<CsvRow> rows;
    const auto read = [&](std::string_view row, std::size_t number) -> Result<> {
        const auto line = fmt::format("line {}", number);
        if (rows.size() == limits.rows)
            return fail(ErrorCode::limit, fmt::format("{}: more than {} rows", line, limits.rows));
        auto fields = TRY(with_context(parse_csv_row(row, limits), line));
        if (!rows.empty() && fields.size() != rows.front().fields.size()) {
            return fail(ErrorCode::malformed,
                        fmt::format("{}: {} fields, and line {} has {}", line, fields.size(),
                                    rows.front().line, rows.front().fields.size()));
        }
        rows.push_back({number, std::move(fields)});
        return {};
    };
    TRY_VOID(each_row(text, limits.comments, read, [] {}));
    return rows;
}

std::size_t csv_comments(std::string_view text) {
    std::size_t count = 0;
    const auto read = [](std::string_view, std::size_t) -> Result<> { return {}; };
    // Reading nothing, it has nothing to complain of.
    if (!each_row(text, true, read, [&] { ++count; })) return 0;
    return count;
}

}  // namespace assay
