#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "evidence/codec/csv.h"
#include "evidence/codec/json_writer.h"
#include "verifier/service/inputs/feed_mapping.h"

namespace assay::inputs {

/// A row that could not be read: the rest went on.
struct RejectedFeedRow {
    std::size_t line = 0;  ///< where it begins, from 1
    std::string reason;
    std::string content;  ///< at most FeedReader::kContent bytes of it
};

/// Reads an export of any size, piece by piece, in the memory of one row. Every row is given on, rejected, or
/// counted as left out. A row of CSV goes on over line breaks within quotes.
class FeedReader {
  public:
    static constexpr std::size_t kRow = 64U << 10U;  ///< bytes of one row; a longer one is rejected
    static constexpr std::size_t kContent = 4096;

    using OnRow = std::function<Result<>(Json row)>;  ///< a row in the form of badges.json; an error ends it
    using OnRejected = std::function<Result<>(RejectedFeedRow row)>;

    FeedReader(const FeedMapping& mapping, OnRow on_row, OnRejected on_rejected);

    Result<> take(std::string_view bytes);
    /// The last row may have no line end.
    Result<> finish();

    [[nodiscard]] std::size_t rows() const { return rows_; }
    [[nodiscard]] std::size_t rejected() const { return rejected_; }
    [[nodiscard]] std::size_t left_out() const { return left_out_; }  ///< not among those to keep

  private:
    /// Of a row: what stands in a column.
    using Value = std::function<Result<std::string>(const std::string& column)>;

    Result<> row();
    Result<> csv_row();
    Result<> json_row();
    Result<> take_header(std::vector<std::string> fields);
    Result<> offer(const Value& value);
    Result<> reject(std::string reason);
    [[nodiscard]] Result<std::string> word(const std::string& member, std::string text) const;
    [[nodiscard]] Result<std::string> event_id(const Value& value) const;
    [[nodiscard]] Result<Json> row_of(const Value& value) const;

    const FeedMapping& mapping_;
    OnRow on_row_;
    OnRejected on_rejected_;
    CsvRowEnds ends_;
    std::string buffer_;  ///< the row, as far as it was read
    bool too_long_ = false;
    std::size_t number_ = 1;  ///< the line where it begins
    std::size_t breaks_ = 0;  ///< line feeds within it
    std::vector<std::string> header_;
    std::size_t rows_ = 0, rejected_ = 0, left_out_ = 0;
};

}  // namespace assay::inputs
