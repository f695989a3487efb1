#include "evidence/base/blanks.h"

#include <catch2/catch.hpp>

#include "evidence/base/text.h"

using namespace assay;

TEST_CASE(
    "white space that looks like a blank is one where it is asked for, and shown where it is looked for") {
    const std::string narrow = "2:07\u202fPM\u00a0\u3000x";
    CHECK(with_ascii_blanks(narrow) == "2:07 PM  x");
    CHECK(with_ascii_blanks("ü\u200b\xff") == "ü\u200b\xff");  // a zero-width one is none
    CHECK(printable_with_blanks(narrow) == "2:07\\u{202f}PM\\u{00a0}\\u{3000}x");
    CHECK(printable_with_blanks("plain ü") == "plain ü");
    CHECK(printable(narrow) == narrow);
}
