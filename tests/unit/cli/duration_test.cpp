#include "cli/duration.h"

#include <catch2/catch.hpp>

using namespace assay;
using namespace assay::cli;

namespace {
constexpr std::int64_t kMoment = 1'795'344'145;  // 2026-11-22 10:42:25Z
}

TEST_CASE("a duration is a number with s, m, h or d") {
    CHECK(parse_duration("90s") == 90);
    CHECK(parse_duration("90") == 90);
    CHECK(parse_duration("30m") == 1800);
    CHECK(parse_duration("12h") == 43200);
    CHECK(parse_duration("2d") == 172800);
}

TEST_CASE("what is no duration is a usage error that says how one is written") {
    for (const auto* text : {"", "h", "-5m", "1.5h", "3w", "99999999999999999999s", "9999999999d", "1h "}) {
        const auto parsed = parse_duration(text);
        INFO(text);
        REQUIRE_FALSE(parsed);
        CHECK(parsed.error().code == ErrorCode::usage);
        CHECK(parsed.error().context.find("30m") != std::string::npos);
    }
}

TEST_CASE("a time is a date, a UTC date with a clock, Unix seconds, or a duration ago") {
    CHECK(parse_time("2026-11-22T10:42:25Z", kMoment) == kMoment);
    CHECK(parse_time("2026-11-22", kMoment) == kMoment - 10 * 3600 - 42 * 60 - 25);
    CHECK(parse_time("@0", kMoment) == 0);
    CHECK(parse_time("24h", kMoment) == kMoment - 86400);
}

TEST_CASE("a time may have an offset and a fraction, as programs write it") {
    for (const auto* text : {"2026-11-22T11:42:25+01:00", "2026-11-22T05:12:25-05:30",
                             "2026-11-22T10:42:25.900Z", "2026-11-22T10:42:25+00:00"}) {
        INFO(text);
        CHECK(parse_time(text, kMoment) == kMoment);
    }
    for (const auto* text : {"2026-11-22T11:42:25+1", "2026-11-22T11:42:25+25:00", "2026-11-22+01:00"}) {
        INFO(text);
        CHECK_FALSE(parse_time(text, kMoment));
    }
}

TEST_CASE("a plain number is no time, for it may be Unix seconds or seconds ago") {
    for (const auto* text : {"1796081052", "0", "3600"}) {
        const auto parsed = parse_time(text, kMoment);
        INFO(text);
        REQUIRE_FALSE(parsed);
        CHECK(parsed.error().code == ErrorCode::usage);
        CHECK(parsed.error().context.find(std::string("@") + text) != std::string::npos);
    }
    CHECK(parse_time("3600s", kMoment) == kMoment - 3600);
}

TEST_CASE("days that the calendar does not have, and local times, are refused") {
    for (const auto* text : {"2026-02-29", "2026-13-01", "2026-11-22T24:00:00Z", "2026-11-22T10:42:25",
                             "2026-11-22 10:42", "@", "@-1"}) {
        INFO(text);
        CHECK_FALSE(parse_time(text, kMoment));
    }
}
