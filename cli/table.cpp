#include "cli/table.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include <fmt/core.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace assay::cli {
namespace {

constexpr std::size_t kNarrowest = 8;
constexpr std::size_t kBetween = 2;
constexpr std::string_view kPlain = "\x1b[0m";

bool begins_character(char c) {
    return (static_cast<unsigned char>(c) & 0xc0U) != 0x80;
}

std::size_t characters(std::string_view text) {
    return static_cast<std::size_t>(std::ranges::count_if(text, begins_character));
}

/// The bytes of the first `count` characters.
std::size_t bytes_of(std::string_view text, std::size_t count) {
    std::size_t at = 0;
    for (; at < text.size(); ++at) {
        if (begins_character(text[at]) && count-- == 0) break;
    }
    return at;
}

/// Broken at blanks where there are some in the second half of a line.
std::vector<std::string> folded(std::string_view text, std::size_t width) {
    std::vector<std::string> lines;
    while (characters(text) > width) {
        auto end = bytes_of(text, width);
        auto next = end;
        if (const auto blank = text.rfind(' ', end); blank != std::string_view::npos && blank > end / 2) {
            end = blank;
            next = blank + 1;
        }
        lines.emplace_back(text.substr(0, end));
        text.remove_prefix(next);
    }
    lines.emplace_back(text);
    return lines;
}

std::size_t whole(const std::vector<std::size_t>& widths) {
    return std::accumulate(widths.begin(), widths.end(), kBetween * (widths.size() - 1));
}

void narrow(std::vector<std::size_t>& widths, std::size_t most) {
    while (whole(widths) > most) {
        const auto widest = std::ranges::max_element(widths);
        if (*widest <= kNarrowest) return;
        --*widest;
    }
}

std::string row_text(const std::vector<std::string>& cells, const Table::Colour& colour,
                     const std::vector<std::size_t>& widths) {
    std::vector<std::vector<std::string>> columns;
    std::size_t height = 0;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        columns.push_back(folded(cells[i], widths[i]));
        height = std::max(height, columns.back().size());
    }
    std::string out;
    for (std::size_t line = 0; line < height; ++line) {
        std::string text;
        for (std::size_t i = 0; i < columns.size(); ++i) {
            const auto& part = line < columns[i].size() ? columns[i][line] : std::string();
            const bool painted = i == colour.column && !colour.code.empty() && !part.empty();
            text += painted ? colour.code + part + std::string(kPlain) : part;
            text += std::string(widths[i] - characters(part) + kBetween, ' ');
        }
        text.erase(text.find_last_not_of(' ') + 1);
        out += text + "\n";
    }
    return out;
}

winsize terminal_size() {
    winsize size{};
    return isatty(STDOUT_FILENO) == 1 && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size : winsize{};
}

}  // namespace

Table::Table(std::vector<std::string> headings) {
    rows_.push_back({std::move(headings), {}});
}

void Table::add(std::vector<std::string> cells, Colour colour) {
    cells.resize(rows_.front().cells.size());
    rows_.push_back({std::move(cells), std::move(colour)});
}

std::string Table::text(std::size_t width) const {
    std::vector<std::size_t> widths(rows_.front().cells.size(), 1);
    for (const auto& [cells, colour] : rows_) {
        for (std::size_t i = 0; i < cells.size(); ++i) widths[i] = std::max(widths[i], characters(cells[i]));
    }
    if (width != 0) narrow(widths, width);
    std::string out;
    for (const auto& [cells, colour] : rows_) out += row_text(cells, colour, widths);
    return out;
}

void Table::print() const {
    fmt::print("{}", text(terminal_width()));
}

std::size_t terminal_width() {
    return terminal_size().ws_col;
}

std::size_t terminal_height() {
    return terminal_size().ws_row;
}

}  // namespace assay::cli
