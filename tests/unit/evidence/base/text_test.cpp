#include "evidence/base/text.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "evidence/codec/json_door.h"

using namespace assay;

TEST_CASE("UTF-8 is what RFC 3629 has, and nothing else") {
    for (const std::string good : {"", "a", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf",
                                   "\xee\x80\x80", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"})
        CHECK(is_utf8(good));
    for (const std::string bad :
         {"\x80", "\xc0\x80", "\xc1\xbf", "\xc3", "\xe0\x80\x80", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xe2\x82",
          "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "a\xc3z"})
        CHECK_FALSE(is_utf8(bad));
}

TEST_CASE("printable shows hostile text as what it is, on one line") {
    CHECK(printable("plain ü 漢") == "plain ü 漢");
    CHECK(printable("a\nb\tc") == R"(a\nb\tc)");
    CHECK(printable("\x1b[2J") == R"(\x1b[2J)");
    CHECK(printable("\xff") == R"(\xff)");
    CHECK(printable("\\") == R"(\\)");
    CHECK(printable("\xe2\x80\xae") == R"(\u{202e})");  // right-to-left override
    CHECK(printable(std::string_view("\0", 1)) == R"(\x00)");
    for (int byte = 0; byte < 256; ++byte) {
        const auto shown = printable(std::string(1, static_cast<char>(byte)));
        CHECK(is_utf8(shown));
        CHECK(shown.find_first_of("\n\r\x1b\x7f") == std::string::npos);
    }
}

TEST_CASE("shortening keeps at most the limit, cuts between characters and says so") {
    CHECK(shortened("abc", 3) == "abc");
    CHECK(shortened("abcdef", 5) == "abcde...");
    CHECK(shortened("üüüüüü", 5) == "üü...");
}

TEST_CASE("what was made printable once may be shown again without change") {
    const auto once = printable("a\\b\x1b[31m\n\xff\u202e");
    CHECK(kept_printable(once) == once);
    CHECK(kept_printable("\x1b\u202e") == "\\x1b\\u{202e}");  // what never was gains nothing
}

TEST_CASE("a time is shown in UTC, and an absurd one as its number") {
    CHECK(utc_text(1'795'344'145) == "2026-11-22 10:42:25Z");
    CHECK(utc_text(0) == "1970-01-01 00:00:00Z");
    CHECK(utc_text(-1) == "1969-12-31 23:59:59Z");
    CHECK(utc_text(INT64_MAX) == "@9223372036854775807");
    CHECK(utc_text(INT64_MIN) == "@-9223372036854775808");
}

TEST_CASE("HTML text and attribute values are escaped") {
    CHECK(html_escaped(R"(<a href="x" b='y'>&)") == "&lt;a href=&quot;x&quot; b=&#39;y&#39;&gt;&amp;");
}

TEST_CASE("white space goes at both ends only") {
    CHECK(trimmed(" \t a b \r\n") == "a b");
}

TEST_CASE("JSON comes in whole and once, or not at all") {
    CHECK(*parse_json(R"({"a":[1,"x",null]})") == nlohmann::json::parse(R"({"a":[1,"x",null]})"));
    for (const std::string bad : {"", "{", "{} x", "{}{}", "[1,]", "{\"a\":1,\"a\":2}", "// c\n{}",
                                  "\"\xff\"", "NaN", "'a'", "{a:1}"}) {
        INFO(bad);
        CHECK(parse_json(bad).error().code == ErrorCode::malformed);
    }
    CHECK(parse_json(R"({"a":{"b":1,"c":{"b":2}}})"));  // one key in two objects
    CHECK_FALSE(parse_json(R"([{"b":1,"b":2}])"));
}

TEST_CASE("JSON has limits of size, depth and count") {
    CHECK(parse_json(std::string(10, ' ') + "1", {.bytes = 11}));
    CHECK(parse_json(std::string(11, ' ') + "1", {.bytes = 11}).error().code == ErrorCode::limit);
    CHECK(parse_json("[[1]]", {.depth = 3}));
    CHECK(parse_json("[[[[1]]]]", {.depth = 3}).error().code == ErrorCode::limit);
    CHECK(parse_json("[1,2,3]", {.values = 10}));
    CHECK(parse_json("[1,2,3,4,5,6,7,8,9,10]", {.values = 10}).error().code == ErrorCode::limit);
    CHECK_FALSE(parse_json(std::string(100'000, '[')));
}
