// Input: a table as a spreadsheet writes it. What is read is within its limits, and its rows are as long as
// the first, of text that a terminal shows.
#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "evidence/base/text.h"
#include "evidence/codec/csv.h"
#include "tests/fuzz/round_trip.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace assay;
    constexpr CsvLimits kLimits{.bytes = 4096, .rows = 20, .columns = 6, .field = 64};
    const auto rows = parse_csv(as_text(fuzz::view_of(data, size)), kLimits);
    if (!rows) {
        if (rows.error().context.empty()) std::abort();
        return 0;
    }
    if (size > kLimits.bytes || rows->size() > kLimits.rows) std::abort();
    std::size_t line = 0;
    for (const auto& row : *rows) {
        if (row.line <= line) std::abort();
        line = row.line;
        if (row.fields.size() != rows->front().fields.size() || row.fields.size() > kLimits.columns)
            std::abort();
        for (const auto& field : row.fields) {
            if (field.size() > kLimits.field || !is_utf8(field) || trimmed(field) != field) std::abort();
            if (std::ranges::any_of(field, [](char c) { return static_cast<unsigned char>(c) < 0x20; }))
                std::abort();
        }
    }
    return 0;
}
