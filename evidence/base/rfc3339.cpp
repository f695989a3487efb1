#include "evidence/base/rfc3339.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>

#include "evidence/base/text.h"

namespace assay {

std::string rfc3339_text(std::int64_t unix_seconds) {
    auto text = utc_text(unix_seconds);
    std::ranges::replace(text, ' ', 'T');
    return text;
}

std::string rfc3339_text_of_ms(std::int64_t unix_ms) {
    using namespace std::chrono;
    const sys_time<milliseconds> time{milliseconds(unix_ms)};
    const auto day = floor<days>(time);
    const year_month_day date{day};
    const hh_mm_ss clock{time - day};
    // By hand: a judgement writes some hundreds of them.
    std::string text = "0000-00-00T00:00:00";
    const auto put = [&](std::size_t end, std::int64_t value, std::size_t width) {
        for (; width > 0; --width, value /= 10) text[--end] = static_cast<char>('0' + value % 10);
    };
    put(4, std::abs(static_cast<int>(date.year())), 4);
    put(7, static_cast<unsigned>(date.month()), 2);
    put(10, static_cast<unsigned>(date.day()), 2);
    put(13, clock.hours().count(), 2);
    put(16, clock.minutes().count(), 2);
    put(19, clock.seconds().count(), 2);
    if (clock.subseconds().count() != 0) {
        text += ".000";
        put(23, clock.subseconds().count(), 3);
    }
    text += 'Z';
    return text;
}

}  // namespace assay
