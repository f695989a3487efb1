#include "evidence/device/serial_grade.h"

#include <catch2/catch.hpp>

using assay::usb::grade_by_form;
using assay::usb::serial_grade;
using assay::usb::SerialGrade;

TEST_CASE("a serial with eight different characters, of one device alone, is grade A") {
    for (const auto* serial :
         {"4C530001230415117495", "60A44C413FB5F3A0B9700123", "AA04012700007589", "SN-1a2b3c4d"}) {
        CAPTURE(serial);
        CHECK(serial_grade(serial, false) == SerialGrade::a);
        CHECK(serial_grade(serial, true) == SerialGrade::b);
    }
    CHECK(grade_by_form("abdgkmpv") == SerialGrade::a);
    CHECK(grade_by_form("abdgkmp") == SerialGrade::b);  // seven
}

TEST_CASE("a serial that is short, counted up or unprintable names no device") {
    for (const auto* serial :
         {"SN-1", "0000:00:14.0", "0123456789ABCDEF", "12345678", "1234567890abcdef", "0000000012345678",
          "AAAABBBBCCCC1", "20120430", "\xd0\x89", "abdg\x1bkmpvxz", "abd gkm pvx z"}) {
        CAPTURE(serial);
        CHECK(serial_grade(serial, false) == SerialGrade::b);
    }
}

TEST_CASE("no serial, and one character over and over, is grade C") {
    for (const auto* serial : {"", " ", "1", "00000000", "ZZZZZZZZZZZZ"}) {
        CAPTURE(serial);
        CHECK(serial_grade(serial, false) == SerialGrade::c);
        CHECK(serial_grade(serial, true) == SerialGrade::c);
    }
}
