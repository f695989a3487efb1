#include "evidence/base/text.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>

#include <fmt/core.h>

namespace assay {
namespace {

struct Decoded {
    std::uint32_t code_point = 0;
    std::size_t size = 0;
};

std::optional<Decoded> decode_one(std::string_view text) {
    const auto byte = [&](std::size_t i) {
        return static_cast<std::uint32_t>(static_cast<unsigned char>(text[i]));
    };
    const auto first = byte(0);
    if (first < 0x80) return Decoded{first, 1};
    std::size_t size = 0;
    std::uint32_t value = 0;
    std::uint32_t least = 0;
    if ((first & 0xe0U) == 0xc0)
        size = 2, value = first & 0x1fU, least = 0x80;
    else if ((first & 0xf0U) == 0xe0)
        size = 3, value = first & 0x0fU, least = 0x800;
    else if ((first & 0xf8U) == 0xf0)
        size = 4, value = first & 0x07U, least = 0x10000;
    else
        return std::nullopt;
    if (text.size() < size) return std::nullopt;
    for (std::size_t i = 1; i < size; ++i) {
        if ((byte(i) & 0xc0U) != 0x80) return std::nullopt;
        value = (value << 6U) | (byte(i) & 0x3fU);
    }
    if (value < least || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff)) return std::nullopt;
    return Decoded{value, size};
}

bool hides_or_reorders(std::uint32_t c) {
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0xad || c == 0x61c || c == 0x180e ||
           (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) ||
           c == 0xfeff || (c >= 0xfff9 && c <= 0xfffb) || (c >= 0xe0000 && c <= 0xe007f);
}

}  // namespace

bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        // Nearly all text is ASCII: a run of it needs no decoding.
        const auto* other = std::find_if(text.begin(), text.end(), [](char c) { return (c & 0x80) != 0; });
        text.remove_prefix(static_cast<std::size_t>(other - text.begin()));
        if (text.empty()) return true;
        const auto decoded = decode_one(text);
        if (!decoded) return false;
        text.remove_prefix(decoded->size);
    }
    return true;
}

namespace {

std::string made_printable(std::string_view text, bool double_backslash) {
    const auto plain = [double_backslash](char c) {
        return c >= 0x20 && c < 0x7f && (c != '\\' || !double_backslash);
    };
    std::string out;
    out.reserve(text.size());
    while (true) {
        // Nearly all text is plain: a run of it is taken as it stands.
        const auto* other = std::find_if_not(text.begin(), text.end(), plain);
        out.append(text.begin(), other);
        text.remove_prefix(static_cast<std::size_t>(other - text.begin()));
        if (text.empty()) return out;
        const auto decoded = decode_one(text);
        const std::size_t size = decoded ? decoded->size : 1;
        if (!decoded)
            out += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[0]));
        else if (text[0] == '\n')
            out += "\\n";
        else if (text[0] == '\t')
            out += "\\t";
        else if (text[0] == '\\' && double_backslash)
            out += "\\\\";
        else if (hides_or_reorders(decoded->code_point)) {
            out += decoded->code_point < 0x80 ? fmt::format("\\x{:02x}", decoded->code_point)
                                              : fmt::format("\\u{{{:04x}}}", decoded->code_point);
        } else
            out += text.substr(0, size);
        text.remove_prefix(size);
    }
}

}  // namespace

std::string printable(std::string_view text) {
    return made_printable(text, true);
}
std::string kept_printable(std::string_view text) {
    return made_printable(text, false);
}

std::string utc_text(std::int64_t unix_seconds) {
    constexpr std::int64_t year_10000 = 253'402'300'800;
    if (unix_seconds < -62'135'596'800 || unix_seconds >= year_10000) return fmt::format("@{}", unix_seconds);
    using namespace std::chrono;
    const sys_seconds time{seconds{unix_seconds}};
    const auto day = floor<days>(time);
    const year_month_day date{day};
    const hh_mm_ss clock{time - day};
    return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}Z", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                       clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

std::string shortened(std::string_view text, std::size_t limit) {
    if (text.size() <= limit) return std::string(text);
    while (limit > 0 && (static_cast<unsigned char>(text[limit]) & 0xc0U) == 0x80) --limit;
    return std::string(text.substr(0, limit)) + "...";
}

std::string html_escaped(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
        switch (c) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '"':
                out += "&quot;";
                break;
            case '\'':
                out += "&#39;";
                break;
            default:
                out.push_back(c);
        }
    }
    return out;
}

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view blanks = " \t\r\n\f\v";
    const auto first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

std::string lower(std::string_view text) {
    std::string out(text);
    for (auto& c : out) c = lower(c);
    return out;
}

}  // namespace assay
