#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <exception>
#include <locale>
#include <span>
#include <spanstream>

#include <date/tz.h>
#include <fmt/core.h>

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

// The library takes a sign before any number, any white space where the pattern has a blank, and an offset
// without its minutes: nobody's export has these.
bool as_the_pattern(std::string_view pattern, std::string_view text,
                    const std::optional<std::chrono::minutes>& offset) {
    const auto count = [](std::string_view in, std::string_view marks) {
        return std::ranges::count_if(in, [&](char c) { return marks.find(c) != std::string_view::npos; });
    };
    if (count(text, " ") != count(pattern, " ") || count(text, "\t\v\f\r\n") != 0) return false;
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

Result<Span> parse_feed_time(const TimeForm& form, std::string_view text) {
    const auto refuse = [&] {
        return fail(ErrorCode::malformed,
                    fmt::format("expected a time of the form {}, got \"{}\"", printable(form.format),
                                shortened(printable(text), 64)));
    };
    if (form.format == "rfc3339") {
        const auto at = TRY(accompaniment::parse_instant(text));
        return Span{at, at};
    }
    if (form.format == "unix" || form.format == "unix_ms") {
        constexpr std::size_t kDigits = 14;
        Millis value = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        if (error != std::errc() || end != text.data() + text.size() || value < 0 || text.size() > kDigits)
            return refuse();
        const auto at = form.format == "unix" ? value * 1000 : value;
        return Span{at, at};
    }
    const auto written = read_by(form.format, text);
    if (!written) return refuse();
    if (written->offset) return instant(written->local, *written->offset);
    if (form.zone != nullptr) return in_zone(*form.zone, written->local);
    if (form.offset_minutes) return instant(written->local, std::chrono::minutes(*form.offset_minutes));
    return Span{instant(written->local, kFarthest).from, instant(written->local, -kFarthest).to};
}

}  // namespace assay::inputs
