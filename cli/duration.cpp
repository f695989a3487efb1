#include "cli/duration.h"

#include <charconv>
#include <chrono>
#include <optional>

#include <fmt/core.h>

#include "evidence/base/text.h"
#include "verifier/judge/accompaniment/time.h"

namespace assay::cli {
namespace {

constexpr std::int64_t kLongest = 100LL * 366 * 86400;

std::optional<std::int64_t> number(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
    return value;
}

std::optional<std::int64_t> calendar(std::string_view text) {
    const auto field = [&](std::size_t at, std::size_t size) { return number(text.substr(at, size)); };
    const bool has_clock =
        text.size() == 20 && text[10] == 'T' && text[13] == ':' && text[16] == ':' && text[19] == 'Z';
    if (!(text.size() == 10 || has_clock) || text[4] != '-' || text[7] != '-') return std::nullopt;
    const auto year = field(0, 4);
    const auto month = field(5, 2);
    const auto day = field(8, 2);
    if (!year || !month || !day) return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(*year)),
                                           std::chrono::month(static_cast<unsigned>(*month)),
                                           std::chrono::day(static_cast<unsigned>(*day))};
    if (!date.ok()) return std::nullopt;
    std::int64_t seconds = std::chrono::sys_days(date).time_since_epoch().count() * std::int64_t{86400};
    if (has_clock) {
        const auto hour = field(11, 2);
        const auto minute = field(14, 2);
        const auto second = field(17, 2);
        if (!hour || !minute || !second || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
        seconds += *hour * 3600 + *minute * 60 + *second;
    }
    return seconds;
}

}  // namespace

Result<std::int64_t> parse_duration(std::string_view text) {
    std::int64_t unit = 1;
    auto digits = text;
    if (!text.empty()) {
        switch (text.back()) {
            case 'd':
                unit = 86400;
                break;
            case 'h':
                unit = 3600;
                break;
            case 'm':
                unit = 60;
                break;
            case 's':
                unit = 1;
                break;
            default:
                unit = 0;
        }
        if (unit != 0)
            digits.remove_suffix(1);
        else
            unit = 1;
    }
    const auto value = number(digits);
    if (!value || *value > kLongest / unit) {
        return fail(ErrorCode::usage,
                    fmt::format("'{}' is no duration: write 90s, 30m, 12h or 2d", printable(text)));
    }
    return *value * unit;
}

Result<std::int64_t> parse_time(std::string_view text, std::int64_t now) {
    if (text.starts_with('@')) {
        if (const auto seconds = number(text.substr(1))) return *seconds;
    } else if (const auto date = calendar(text)) {
        return *date;
    } else if (const auto instant = accompaniment::parse_instant(text)) {
        return *instant / 1000;
    } else if (const auto bare = number(text)) {
        // Unix seconds as results have them would else be so many seconds ago.
        return fail(ErrorCode::usage,
                    fmt::format("'{}' may be a time or a duration: write @{} for seconds since 1970, {}s for "
                                "seconds ago",
                                printable(text), *bare, *bare));
    } else if (const auto ago = parse_duration(text)) {
        return now - *ago;
    }
    return fail(
        ErrorCode::usage,
        fmt::format("'{}' is no time: write 2026-11-22, 2026-11-22T10:42:25Z, 2026-11-22T11:42:25+01:00, "
                    "@1795344145 or 24h (ago)",
                    printable(text)));
}

}  // namespace assay::cli
