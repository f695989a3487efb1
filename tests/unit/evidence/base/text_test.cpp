#include "evidence/base/text.h"

#include <catch2/catch.hpp>

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

TEST_CASE("ASCII letters become lower case, and no other byte changes") {
    std::string all, wanted;
    for (int byte = 0; byte < 256; ++byte) {
        all += static_cast<char>(byte);
        wanted += static_cast<char>(byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte);
    }
    CHECK(lower(all) == wanted);
}
