#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace assay::cli {

/// Rows under headings, each column as wide as its widest cell. Where that is wider than the terminal, the
/// widest columns are made narrower and their cells go on in the lines below: nothing is cut off.
class Table {
  public:
    explicit Table(std::vector<std::string> headings);
    /// The column that is shown in a colour, and its ANSI code; without a code there is none.
    struct Colour {
        std::size_t column = 0;
        std::string code;
    };
    /// One printable text a column, as `cell` gives them.
    void add(std::vector<std::string> cells, Colour colour = {0, ""});
    [[nodiscard]] bool empty() const { return rows_.size() == 1; }
    /// At most `width` characters a line, as far as columns of eight allow that; 0: as wide as it is.
    [[nodiscard]] std::string text(std::size_t width) const;
    /// To stdout; folded only where that is a terminal.
    void print() const;

  private:
    struct Row {
        std::vector<std::string> cells;
        Colour colour;
    };
    std::vector<Row> rows_;  ///< the headings first
};

/// Columns of the terminal that stdout is; 0 where it is none or does not say.
std::size_t terminal_width();
/// Its lines; 0 likewise.
std::size_t terminal_height();

}  // namespace assay::cli
