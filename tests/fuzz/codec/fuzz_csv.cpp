// Input: a table as a spreadsheet writes it. What is read is within its limits, and its rows are as long as
// the first, of text that a terminal shows; and whatever pieces the table comes in, its rows are the same.
#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "evidence/base/text.h"
#include "evidence/codec/csv.h"
#include "tests/fuzz/round_trip.h"

namespace {

using namespace assay;

constexpr CsvLimits kLimits{.bytes = 4096, .rows = 20, .columns = 6, .field = 64};

void check_rows(const std::vector<CsvRow>& rows) {
    if (rows.size() > kLimits.rows) std::abort();
    std::size_t line = 0;
    for (const auto& row : rows) {
        if (row.line <= line) std::abort();
        line = row.line;
        if (row.fields.size() != rows.front().fields.size() || row.fields.size() > kLimits.columns)
            std::abort();
        for (const auto& field : row.fields) {
            if (field.size() > kLimits.field || !is_utf8(field) || trimmed(field) != field) std::abort();
            if (std::ranges::any_of(field, [](char c) { return static_cast<unsigned char>(c) < 0x20; }))
                std::abort();
        }
    }
}

// The rows of a table that comes in small pieces, as a reader of exports takes them.
void check_pieces(std::string_view text, const std::vector<CsvRow>& rows) {
    constexpr std::size_t kPiece = 7;
    if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
    CsvRowEnds ends;
    std::string row;
    std::size_t next = 0;
    const auto take = [&] {
        if (!trimmed(row).empty()) {
            const auto fields = parse_csv_row(row, kLimits);
            if (!fields || next == rows.size() || *fields != rows[next++].fields) std::abort();
        }
        row.clear();
    };
    while (!text.empty()) {
        auto part = text.substr(0, kPiece);
        text.remove_prefix(part.size());
        while (!part.empty()) {
            const auto size = ends.find(part);
            row += part.substr(0, size);
            part.remove_prefix(std::min(size, part.size()));
            if (size != std::string_view::npos) take();
        }
    }
    take();
    if (next != rows.size()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto text = as_text(fuzz::view_of(data, size));
    for (const bool comments : {false, true}) {
        auto limits = kLimits;
        limits.comments = comments;
        const auto rows = parse_csv(text, limits);
        if (!rows) {
            if (rows.error().context.empty()) std::abort();
            continue;
        }
        if (size > kLimits.bytes) std::abort();
        check_rows(*rows);
        if (!comments) check_pieces(text, *rows);
    }
    return 0;
}
