#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "evidence/codec/json_writer.h"
#include "verifier/service/inputs/feed_mapping.h"

namespace assay::inputs {

/// A row that could not be read: the rest went on.
struct RejectedFeedRow {
    std::size_t line = 0;  ///< from 1
    std::string reason;
    std::string content;  ///< at most FeedReader::kContent bytes of it
};

/// Reads an export of any size, piece by piece, in the memory of one line.
class FeedReader {
  public:
    static constexpr std::size_t kLine = 64U << 10U;  ///< bytes of one line; a longer one is rejected
    static constexpr std::size_t kContent = 4096;

    using OnRow = std::function<Result<>(Json row)>;  ///< a row in the form of badges.json; an error ends it
    using OnRejected = std::function<Result<>(RejectedFeedRow row)>;

    FeedReader(const FeedMapping& mapping, OnRow on_row, OnRejected on_rejected);

    Result<> take(std::string_view bytes);
    /// The last line may have no end.
    Result<> finish();

    [[nodiscard]] std::size_t rows() const { return rows_; }
    [[nodiscard]] std::size_t rejected() const { return rejected_; }
    [[nodiscard]] std::size_t left_out() const { return left_out_; }  ///< not among those to keep

  private:
    /// Of a row: what stands in a column.
    using Value = std::function<std::string(const std::string& column)>;

    Result<> line();
    Result<> csv_line();
    Result<> json_line();
    Result<> take_header(std::vector<std::string> fields);
    Result<> offer(const Value& value);
    Result<> reject(std::string reason);
    [[nodiscard]] Result<Json> row_of(const Value& value) const;

    const FeedMapping& mapping_;
    OnRow on_row_;
    OnRejected on_rejected_;
    std::string buffer_;  ///< the line, as far as it was read
    bool too_long_ = false;
    std::size_t number_ = 0;
    std::vector<std::string> header_;
    std::size_t rows_ = 0, rejected_ = 0, left_out_ = 0;
};

}  // namespace assay::inputs
