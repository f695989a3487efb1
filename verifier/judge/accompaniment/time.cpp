#include "verifier/judge/accompaniment/time.h"

#include <chrono>
#include <cstdlib>

#include <fmt/core.h>

#include "evidence/base/rfc3339.h"
#include "evidence/base/text.h"

namespace assay::accompaniment {
namespace {

// A forward reader of fixed decimal fields.
struct Digits {
    std::string_view rest;
    bool good = true;

    std::int64_t number(std::size_t width) {
        std::int64_t value = 0;
        if (rest.size() < width) good = false;
        for (std::size_t i = 0; good && i < width; ++i) {
            if (rest[i] < '0' || rest[i] > '9')
                good = false;
            else
                value = value * 10 + (rest[i] - '0');
        }
        if (good) rest.remove_prefix(width);
        return good ? value : 0;
    }
    bool take(char wanted) {
        if (rest.empty() || rest.front() != wanted) return false;
        rest.remove_prefix(1);
        return true;
    }
    void must(char wanted) { good = take(wanted) && good; }
};

std::int64_t fraction(Digits& in) {
    std::int64_t millis = 0;
    std::int64_t weight = 100;
    std::size_t count = 0;
    while (!in.rest.empty() && in.rest.front() >= '0' && in.rest.front() <= '9' && count < 9) {
        millis += (in.rest.front() - '0') * weight;
        weight /= 10;
        in.rest.remove_prefix(1);
        ++count;
    }
    if (count == 0) in.good = false;
    return millis;
}

std::int64_t offset_minutes(Digits& in) {
    if (in.take('Z')) return 0;
    const bool minus = in.take('-');
    if (!minus) in.must('+');
    const auto hours = in.number(2);
    in.must(':');
    const auto minutes = in.number(2);
    if (hours > 23 || minutes > 59) in.good = false;
    return (minus ? -1 : 1) * (hours * 60 + minutes);
}

}  // namespace

Result<Millis> parse_instant(std::string_view text) {
    Digits in{text};
    const auto year = in.number(4);
    in.must('-');
    const auto month = in.number(2);
    in.must('-');
    const auto day = in.number(2);
    if (!in.take('T')) in.must(' ');
    const auto hour = in.number(2);
    in.must(':');
    const auto minute = in.number(2);
    in.must(':');
    const auto second = in.number(2);
    const auto millis = in.take('.') ? fraction(in) : 0;
    const auto offset = offset_minutes(in);
    const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(year)),
                                           std::chrono::month(static_cast<unsigned>(month)),
                                           std::chrono::day(static_cast<unsigned>(day))};
    if (!in.good || !in.rest.empty() || !date.ok() || year < 1970 || hour > 23 || minute > 59 ||
        second > 59) {
        return fail(ErrorCode::malformed, "expected a time with its offset, as 2026-03-02T14:07:00Z, got \"" +
                                              shortened(printable(text), 64) + "\"");
    }
    const auto days = std::chrono::sys_days(date).time_since_epoch().count();
    return (((days * 24 + hour) * 60 + minute - offset) * 60 + second) * 1000 + millis;
}

std::string instant_text(Millis at) {
    return rfc3339_text_of_ms(at);
}

}  // namespace assay::accompaniment
