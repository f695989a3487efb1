#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <exception>
#include <locale>
#include <span>
#include <spanstream>

#include <date/tz.h>
#include <fmt/core.h>

#include "evidence/base/blanks.h"
#include "evidence/base/text.h"
#include "verifier/service/inputs/feed_mapping.h"

// Times as exports have them, read by Howard Hinnant's date library (docs/adr/0016): by a pattern, in local
// time, with or without anybody's word on the offset.
namespace assay::inputs {
namespace {

using accompaniment::Millis;
using accompaniment::Span;
using std::chrono::milliseconds;
using LocalTime = date::local_time<milliseconds>;

constexpr std::chrono::minutes kFarthest{14 * 60};  // no clock on earth is farther from UTC
constexpr int kLastYear = 2037;                     // that the system's zone files list the changes of

struct Written {
    LocalTime local;
    std::optional<std::chrono::minutes> offset;  // where the pattern has %z
};

std::string offset_text(std::chrono::minutes offset) {
    const auto minutes = offset.count();
    return fmt::format("{}{:02}{:02}", minutes < 0 ? '-' : '+', std::abs(minutes) / 60,
                       std::abs(minutes) % 60);
}

// Where the fraction of seconds begins, at its point or comma, and how many digits it has: one to nine.
struct Fraction {
    std::size_t at = std::string_view::npos;
    std::size_t digits = 0;
};

Fraction fraction_of(std::string_view text) {
    constexpr std::size_t kMostDigits = 9;
    const auto digits_from = [&](std::size_t at) {
        return std::min(text.find_first_not_of("0123456789", at), text.size()) - at;
    };
    for (auto colon = text.find(':'); colon != text.npos; colon = text.find(':', colon + 1)) {
        const auto mark = colon + 3;
        if (digits_from(colon + 1) != 2 || mark >= text.size() || (text[mark] != '.' && text[mark] != ','))
            continue;
        const auto digits = digits_from(mark + 1);
        if (digits > 0 && digits <= kMostDigits) return {mark, digits};
    }
    return {};
}

// The fraction as milliseconds behind a point, which the library reads.
std::string with_millis(std::string_view text) {
    constexpr std::size_t kMillis = 3;
    std::string out(text);
    const auto fraction = fraction_of(text);
    if (fraction.digits == 0) return out;
    out[fraction.at] = '.';
    if (fraction.digits > kMillis) out.erase(fraction.at + 1 + kMillis, fraction.digits - kMillis);
    return out;
}

// ISO 8601 writes an offset with its colon or without, and Z for none; RFC 3339 has the colon, the library's
// %z has not.
std::string with_offset(std::string text, bool colon) {
    constexpr std::size_t kShort = 5, kLong = 6;  // "+0100", "+01:00"
    const auto at = text.find_last_of("+-");
    const auto size = at == std::string::npos ? 0 : text.size() - at;
    if (colon && size == kShort && text.find_first_not_of("0123456789", at + 1) == std::string::npos)
        text.insert(at + 3, ":");
    if (!colon && size == kLong && text[at + 3] == ':') text.erase(at + 3, 1);
    if (!colon && text.ends_with('Z')) text.replace(text.size() - 1, 1, "+0000");
    return text;
}

// The library takes a sign before any number, any white space where the pattern has a blank, a point without
// a fraction, and an offset without its minutes: nobody's export has these.
bool as_the_pattern(std::string_view pattern, std::string_view text,
                    const std::optional<std::chrono::minutes>& offset) {
    const auto count = [](std::string_view in, std::string_view marks) {
        return std::ranges::count_if(in, [&](char c) { return marks.find(c) != std::string_view::npos; });
    };
    if (count(text, " ") != count(pattern, " ") || count(text, "\t\v\f\r\n") != 0) return false;
    if (count(text, ".") != count(pattern, ".") + (fraction_of(text).digits > 0 ? 1 : 0)) return false;
    if (offset && text.find(offset_text(*offset)) == std::string_view::npos) return false;
    return count(text, "+-") == count(pattern, "+-") + (offset ? 1 : 0);
}

std::optional<Written> read_by(const std::string& pattern, std::string_view text) {
    std::ispanstream in(std::span(text.data(), text.size()));
    in.imbue(std::locale::classic());
    Written out;
    constexpr std::chrono::minutes kNone{-1'000'000};
    auto offset = kNone;
    date::from_stream(in, pattern.c_str(), out.local, static_cast<std::string*>(nullptr), &offset);
    if (in.fail() || in.peek() != std::ispanstream::traits_type::eof()) return {};
    if (offset != kNone) out.offset = offset;
    const date::year_month_day day{date::floor<date::days>(out.local)};
    if (day.year() < date::year(1970) || (out.offset && std::chrono::abs(*out.offset) > kFarthest)) return {};
    return as_the_pattern(pattern, text, out.offset) ? std::optional(out) : std::nullopt;
}

Span instant(LocalTime local, std::chrono::seconds offset) {
    const auto at = (local.time_since_epoch() - offset).count();
    return {at, at};
}

Result<Span> in_zone(const date::time_zone& zone, LocalTime local) {
    const date::year_month_day day{date::floor<date::days>(local)};
    if (day.year() > date::year(kLastYear))
        return fail(
            ErrorCode::unsupported,
            fmt::format("expected a year up to {}, got {}: the system's zone files say no more of {}; "
                        "give the mapping utc_offset instead of time_zone",
                        kLastYear, static_cast<int>(day.year()), zone.name()));
    const auto info = zone.get_info(local);
    if (info.result == date::local_info::nonexistent)
        return fail(ErrorCode::malformed, "the clocks went forward: this time did not exist");
    const auto first = instant(local, info.first.offset);
    if (info.result == date::local_info::unique) return first;
    return Span{first.from, instant(local, info.second.offset).to};  // the hour that came twice
}

// Reads the zone's file now, not at the first row, and shows that its summers are listed: the library does
// not read the rule at the end of a file (RFC 8536, 3.3), which in "slim" files takes the place of the list.
Result<const date::time_zone*> zone_named(const std::string& name) {
    const auto july = date::local_days(date::year(kLastYear) / 7 / 1);
    try {
        const auto* zone = date::locate_zone(name);
        (void)zone->get_info(july);  // for its exception alone
        if (date::locate_zone("America/New_York")->get_info(july).first.save == std::chrono::minutes{0})
            return fail(
                ErrorCode::unsupported,
                "the system's zone files do not list the summers to come; install Debian's package tzdata");
        return zone;
    } catch (const std::exception& error) {
        return fail(ErrorCode::not_found,
                    fmt::format("expected a zone of the system, as \"Europe/Berlin\", got \"{}\" ({}); see "
                                "/usr/share/zoneinfo, from Debian's package tzdata",
                                shortened(printable(name), 64), printable(error.what())));
    }
}

// "+01:00" or "Z"
std::optional<std::int64_t> offset_minutes(std::string_view text) {
    if (text == "Z") return 0;
    auto digits = std::string(text);
    if (digits.size() != 6 || digits[3] != ':') return {};
    digits.erase(3, 1);
    const auto written = read_by("%Y-%m-%d%z", "1970-01-01" + digits);
    return written && written->offset ? std::optional(written->offset->count()) : std::nullopt;
}

}  // namespace

Result<TimeForm> read_time_form(const TomlReader& in) {
    for (const auto* gone : {"summer_from", "summer_to"}) {
        if (TRY(in.optional_text(gone)))
            return in.refuse(
                gone,
                "expected time_zone, got a rule of summer time; give the zone's name instead, as "
                "time_zone = \"Europe/Berlin\", and leave out utc_offset");
    }
    TRY_VOID(in.only({"format", "utc_offset", "time_zone", "unknown_span_s"}));
    TimeForm out;
    out.format = TRY(in.optional_text("format")).value_or(out.format);
    if (const auto offset = TRY(in.optional_text("utc_offset"))) {
        out.offset_minutes = offset_minutes(*offset);
        if (!out.offset_minutes)
            return in.refuse("utc_offset",
                             fmt::format("expected an offset of at most 14 hours, as \"+01:00\", got \"{}\"",
                                         shortened(printable(*offset), 64)));
    }
    if (const auto name = TRY(in.optional_text("time_zone"))) {
        if (out.offset_minutes)
            return in.refuse("time_zone", "expected time_zone or utc_offset, got both; leave one out");
        const auto zone = zone_named(*name);
        if (!zone) return in.refuse("time_zone", zone.error().context);
        out.zone = *zone;
    }
    if (const auto span = TRY(in.optional_text("unknown_span_s"))) {
        if (span->size() > 7 || !std::ranges::all_of(*span, [](char c) { return c >= '0' && c <= '9'; }))
            return in.refuse("unknown_span_s",
                             fmt::format("expected seconds as a text of up to 7 digits, got \"{}\"",
                                         shortened(printable(*span), 64)));
        out.unknown_span_s = std::stoll(*span);
    }
    return out;
}

namespace {

// Seconds or milliseconds since 1970; what a number has behind its point is less than a millisecond, or its
// milliseconds.
std::optional<Millis> unix_millis(std::string_view text, bool seconds) {
    constexpr std::size_t kDigits = 14, kFraction = 9;
    constexpr std::string_view kDecimal = "0123456789";
    const auto point = std::min(text.find('.'), text.size());
    const auto whole = text.substr(0, point);
    auto fraction = std::string(text.substr(point));
    if (whole.empty() || whole.size() > kDigits || whole.find_first_not_of(kDecimal) != whole.npos) return {};
    if (fraction.size() == 1 || fraction.size() > kFraction + 1 ||
        fraction.find_first_not_of(kDecimal, 1) != std::string::npos)
        return {};
    fraction.resize(4, '0');
    Millis value = 0, millis = 0;
    std::from_chars(whole.data(), whole.data() + whole.size(), value);
    std::from_chars(fraction.data() + 1, fraction.data() + fraction.size(), millis);
    return seconds ? value * 1000 + millis : value;
}

Result<Span> local_span(const TimeForm& form, LocalTime local) {
    if (form.zone != nullptr) return in_zone(*form.zone, local);
    if (form.offset_minutes) return instant(local, std::chrono::minutes(*form.offset_minutes));
    return Span{instant(local, kFarthest).from, instant(local, -kFarthest).to};
}

// With its offset; or without, where the mapping says whose clock it was.
Result<Span> iso_span(const TimeForm& form, const std::string& text, std::string_view shown) {
    if (const auto at = accompaniment::parse_instant(with_offset(text, true))) return Span{*at, *at};
    if (form.zone != nullptr || form.offset_minutes) {
        for (const auto* pattern : {"%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S"})
            if (const auto written = read_by(pattern, text)) return local_span(form, written->local);
    }
    return fail(
        ErrorCode::malformed,
        fmt::format("expected a time with its offset, as 2026-03-02T14:07:00Z, got \"{}\"; one without it "
                    "needs time_zone or utc_offset in the mapping's [time]",
                    shown));
}

}  // namespace

Result<Span> parse_feed_time(const TimeForm& form, std::string_view raw) {
    const auto text = with_millis(with_ascii_blanks(raw));
    const auto shown = shortened(printable_with_blanks(raw), 64);
    if (form.format == "rfc3339") return iso_span(form, text, shown);
    const auto refuse = [&] {
        return fail(ErrorCode::malformed,
                    fmt::format("expected a time of the form {}, got \"{}\"", printable(form.format), shown));
    };
    if (form.format == "unix" || form.format == "unix_ms") {
        const auto at = unix_millis(text, form.format == "unix");
        if (!at) return refuse();
        return Span{*at, *at};
    }
    const auto written = read_by(form.format, form.format.ends_with("%z") ? with_offset(text, false) : text);
    if (!written) return refuse();
    if (written->offset) return instant(written->local, *written->offset);
    return local_span(form, written->local);
}

}  // namespace assay::inputs
