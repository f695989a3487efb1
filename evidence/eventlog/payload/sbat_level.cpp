#include "evidence/eventlog/payload/sbat_level.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>

namespace assay::tcg {
namespace {

constexpr std::size_t kMaxLine = 256;
constexpr std::size_t kMaxLines = 1024;
constexpr std::size_t kDateSize = 10;

std::optional<std::uint32_t> number(std::string_view text) {
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
    return value;
}

bool is_date(std::string_view text) {
    return text.size() == kDateSize &&
           std::ranges::all_of(text, [](char digit) { return digit >= '0' && digit <= '9'; });
}

std::vector<std::string_view> fields(std::string_view line) {
    std::vector<std::string_view> out;
    while (true) {
        const auto comma = line.find(',');
        out.push_back(line.substr(0, comma));
        if (comma == std::string_view::npos) return out;
        line.remove_prefix(comma + 1);
    }
}

bool take_line(SbatLevel& level, std::string_view line, bool first) {
    const auto parts = fields(line);
    if (parts.size() < 2 || parts[0].empty()) return false;
    const auto generation = number(parts[1]);
    if (!generation) return false;
    if (!first) {
        level.entries.push_back({std::string(parts[0]), *generation});
        return parts.size() == 2;
    }
    level.version = *generation;
    if (parts.size() == 3) level.date = parts[2];
    return parts[0] == "sbat" && parts.size() <= 3 && (parts.size() == 2 || is_date(parts[2]));
}

}  // namespace

Result<SbatLevel> parse_sbat_level(ByteView data) {
    auto text = as_text(data);
    text = text.substr(0, text.find('\0'));
    if (text.empty()) return fail(ErrorCode::truncated, "SbatLevel: empty", 0);
    SbatLevel level;
    std::size_t offset = 0;
    for (std::size_t lines = 0; offset < text.size(); ++lines) {
        if (lines >= kMaxLines) return fail(ErrorCode::limit, "SbatLevel: more than 1024 lines", offset);
        const auto line = text.substr(offset, text.find('\n', offset) - offset);
        if (line.size() > kMaxLine || !take_line(level, line, lines == 0))
            return fail(ErrorCode::malformed, "SbatLevel: not a line of a name and a generation", offset);
        offset += line.size() + 1;
    }
    return level;
}

}  // namespace assay::tcg
