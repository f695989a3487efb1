#include "evidence/codec/spreadsheet.h"

#include <catch2/catch.hpp>

using namespace assay;

TEST_CASE("a number as spreadsheets and programs print it names nothing") {
    for (const auto* text : {"8.93901E+18", "8,93901E+18", "1E+05", "1.00E+06", "8.93901010235848E+018",
                             "-1.5E+3", "893.9E+16", "8.9390101023584784e+18", "1e-07"}) {
        INFO(text);
        CHECK(is_spreadsheet_number(text));
        const auto refused = not_a_spreadsheet_number(text);
        REQUIRE_FALSE(refused.has_value());
        CHECK(refused.error().context.find(text) != std::string::npos);
        CHECK(refused.error().context.find("Format the column as text") != std::string::npos);
    }
}

TEST_CASE("a serial number that only looks like one is left alone") {
    for (const auto* text : {"", "8939010102358478435", "893E16", "5E10", "E+18", "8.93901E+",
                             "8.93901E+1800", "8.93901E+18 ", "1.2.3E+4", "A1E+05", "1E+05B", "8939E+18",
                             "1.E+05", "CZ1234567X", "0012345", "+", "1.5", "2026-03"}) {
        INFO(text);
        CHECK_FALSE(is_spreadsheet_number(text));
        CHECK(not_a_spreadsheet_number(text).has_value());
    }
}
