#include "evidence/tpm/pcr_table.h"

#include <fmt/core.h>

#include "evidence/base/hex.h"

namespace assay::tcg {
namespace {

Result<void> read_row(std::string_view row, PcrValues& values) {
    const auto first = row.find('\t');
    const auto second = first == std::string_view::npos ? first : row.find('\t', first + 1);
    if (second == std::string_view::npos)
        return fail(ErrorCode::malformed, "a line is bank, index and value, with tabs between");
    const auto algorithm = TRY(hash_algorithm_from_name(row.substr(0, first)));
    const auto index = TRY(pcr_index_from_text(row.substr(first + 1, second - first - 1)));
    const auto bytes = TRY(from_hex(row.substr(second + 1), Digest::kMaxSize));
    if (values.find(algorithm, index) != nullptr)
        return fail(ErrorCode::malformed,
                    fmt::format("{} PCR {} a second time", to_string(algorithm), index));
    return values.set(index, TRY(Digest::from_bytes(algorithm, bytes)));
}

}  // namespace

Result<PcrValues> parse_pcr_table(std::string_view text) {
    PcrValues values;
    std::size_t number = 0;
    while (!text.empty()) {
        ++number;
        const auto end = text.find('\n');
        auto row = text.substr(0, end);
        text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
        if (row.ends_with('\r')) row.remove_suffix(1);
        if (row.empty() || row.starts_with('#')) continue;
        TRY_VOID(with_context(read_row(row, values), fmt::format("line {}", number)));
    }
    return values;
}

}  // namespace assay::tcg
