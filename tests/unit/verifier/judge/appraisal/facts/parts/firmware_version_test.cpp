#include "verifier/judge/appraisal/facts/parts/firmware_version.h"

#include <catch2/catch.hpp>

using assay::judge::compare_versions;

TEST_CASE("versions compare field by field, numbers as numbers") {
    CHECK((compare_versions("2.10", "2.9") > 0));
    CHECK((compare_versions("2.4", "2.4") == 0));
    CHECK((compare_versions("2.4.0", "2.4") == 0));
    CHECK((compare_versions("02.04", "2.4") == 0));
    CHECK((compare_versions("2.3.9", "2.4") < 0));
    CHECK((compare_versions("3.4a", "3.4") > 0));
    CHECK((compare_versions("3.4b", "3.4A") > 0));
    CHECK((compare_versions("GDC5602Q", "GDC5702Q") < 0));
    CHECK((compare_versions("U30 v2.68", "U30 v2.70") < 0));
    CHECK((compare_versions("99999999999999999999999", "100000000000000000000000") < 0));
}

TEST_CASE("microcode revisions compare as hexadecimal numbers") {
    CHECK((compare_versions("0xd0003d1", "0xd0003b9") > 0));
    CHECK((compare_versions("0x2B000571", "0x2b000571") == 0));
    CHECK((compare_versions("0x1", "0x0a") < 0));
}

TEST_CASE("no version is older than any") {
    CHECK((compare_versions("", "1") < 0));
    CHECK((compare_versions("", "") == 0));
}
