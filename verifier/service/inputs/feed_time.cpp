#include <chrono>

#include <fmt/core.h>

#include "evidence/base/text.h"
#include "verifier/service/inputs/feed_mapping.h"

// Times as exports have them: by a pattern, in local time, with or without anybody's word on the offset.
namespace assay::inputs {
namespace {

using accompaniment::Millis;
using accompaniment::Span;

constexpr Millis kMinute = 60'000;
constexpr Millis kUnknownOffset = 14 * 60 * kMinute;  // no clock on earth is farther from UTC
constexpr Millis kSummer = 60 * kMinute;

struct Fields {
    std::int64_t year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0;
    bool twelve = false, afternoon = false;
};

std::optional<std::int64_t> number(std::string_view& text, std::size_t least, std::size_t most) {
    std::int64_t out = 0;
    std::size_t digits = 0;
    while (digits < most && !text.empty() && text.front() >= '0' && text.front() <= '9') {
        out = out * 10 + (text.front() - '0');
        text.remove_prefix(1);
        ++digits;
    }
    if (digits < least) return {};
    return out;
}

bool take_field(char field, std::string_view& text, Fields& out) {
    const auto into = [&](std::int64_t& value, std::size_t least, std::size_t most) {
        const auto read = number(text, least, most);
        value = read.value_or(0);
        return read.has_value();
    };
    switch (field) {
        case 'Y':
            return into(out.year, 4, 4);
        case 'm':
            return into(out.month, 1, 2);
        case 'd':
            return into(out.day, 1, 2);
        case 'H':
            return into(out.hour, 1, 2);
        case 'I':
            out.twelve = true;
            return into(out.hour, 1, 2);
        case 'M':
            return into(out.minute, 1, 2);
        case 'S':
            return into(out.second, 1, 2);
        case 'p': {
            if (text.size() < 2) return false;
            const auto first = static_cast<char>(text[0] | 0x20);
            out.afternoon = first == 'p';
            const bool good = (first == 'a' || first == 'p') && (text[1] | 0x20) == 'm';
            text.remove_prefix(2);
            return good;
        }
        default:
            return false;
    }
}

// Milliseconds as if the text were UTC.
std::optional<Millis> as_if_utc(std::string_view pattern, std::string_view text) {
    Fields f;
    while (!pattern.empty()) {
        if (pattern.front() == '%' && pattern.size() > 1) {
            if (!take_field(pattern[1], text, f)) return {};
            pattern.remove_prefix(2);
            continue;
        }
        if (text.empty() || text.front() != pattern.front()) return {};
        text.remove_prefix(1);
        pattern.remove_prefix(1);
    }
    if (f.twelve) {
        if (f.hour < 1 || f.hour > 12) return {};
        f.hour = f.hour % 12 + (f.afternoon ? 12 : 0);
    }
    const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(f.year)),
                                           std::chrono::month(static_cast<unsigned>(f.month)),
                                           std::chrono::day(static_cast<unsigned>(f.day))};
    if (!text.empty() || !date.ok() || f.year < 1970 || f.hour > 23 || f.minute > 59 || f.second > 59)
        return {};
    return ((std::chrono::sys_days(date).time_since_epoch().count() * 24 + f.hour) * 60 + f.minute) *
               kMinute +
           f.second * 1000;
}

// Of a year, by the local clock that is valid until then, as if it were UTC.
Millis in_year(const YearlyMoment& moment, std::chrono::year year) {
    using namespace std::chrono;
    const weekday day(moment.weekday);
    const auto date = moment.week == 5
                          ? sys_days(year_month_weekday_last(year, month(moment.month), weekday_last(day)))
                          : sys_days(year_month_weekday(year, month(moment.month), day[moment.week]));
    return (date.time_since_epoch().count() * 1440 + moment.minute) * kMinute;
}

Result<Span> from_local(const TimeForm& form, Millis local) {
    if (!form.offset_minutes) return Span{local - kUnknownOffset, local + kUnknownOffset};
    const auto winter = local - *form.offset_minutes * kMinute;
    if (!form.summer_from) return Span{winter, winter};
    const auto year =
        std::chrono::year_month_day(
            std::chrono::floor<std::chrono::days>(
                std::chrono::sys_time<std::chrono::milliseconds>(std::chrono::milliseconds(local))))
            .year();
    const auto from = in_year(*form.summer_from, year);
    const auto to = in_year(*form.summer_to, year);
    if (local >= from && local < from + kSummer)
        return fail(ErrorCode::malformed, "the clocks went forward: this time did not exist");
    if (local >= to - kSummer && local < to)
        return Span{winter - kSummer, winter};  // the hour that came twice
    const bool after_from = local >= from + kSummer;
    const bool before_to = local < to - kSummer;
    const bool summer = from < to ? after_from && before_to : after_from || before_to;
    return summer ? Span{winter - kSummer, winter - kSummer} : Span{winter, winter};
}

}  // namespace

Result<Span> parse_feed_time(const TimeForm& form, std::string_view text) {
    const auto refuse = [&] {
        return fail(ErrorCode::malformed,
                    fmt::format("\"{}\" is no time of the form {}", shortened(printable(text), 64),
                                printable(form.format)));
    };
    if (form.format == "rfc3339") {
        const auto at = TRY(accompaniment::parse_instant(text));
        return Span{at, at};
    }
    if (form.format == "unix" || form.format == "unix_ms") {
        auto rest = text;
        const auto value = number(rest, 1, 14);
        if (!value || !rest.empty()) return refuse();
        const auto at = form.format == "unix" ? *value * 1000 : *value;
        return Span{at, at};
    }
    const auto local = as_if_utc(form.format, text);
    if (!local) return refuse();
    return from_local(form, *local);
}

}  // namespace assay::inputs
