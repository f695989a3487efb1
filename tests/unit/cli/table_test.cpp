#include "cli/table.h"

#include <sstream>

#include <catch2/catch.hpp>

using namespace assay::cli;

namespace {

Table two_hosts() {
    Table table({"HOST", "FOUND"});
    table.add({"rack-7", "a stick of which nobody knows whose it is"});
    table.add({"rack-1042", "-"});
    return table;
}

std::size_t widest_line(const std::string& text) {
    std::istringstream in(text);
    std::size_t widest = 0;
    for (std::string line; std::getline(in, line);) widest = std::max(widest, line.size());
    return widest;
}

}  // namespace

TEST_CASE("a table's columns are as wide as what is in them, and no line ends with blanks") {
    CHECK(two_hosts().text(0) ==
          "HOST       FOUND\n"
          "rack-7     a stick of which nobody knows whose it is\n"
          "rack-1042  -\n");
}

TEST_CASE("a table wider than the terminal folds its widest column, and loses no character") {
    CHECK(two_hosts().text(32) ==
          "HOST       FOUND\n"
          "rack-7     a stick of which\n"
          "           nobody knows whose it\n"
          "           is\n"
          "rack-1042  -\n");
    CHECK(two_hosts().text(200) == two_hosts().text(0));
}

TEST_CASE("what has no blank is broken where the column ends") {
    Table table({"SERIAL"});
    table.add({std::string(20, 'x')});
    CHECK(table.text(8) == "SERIAL\nxxxxxxxx\nxxxxxxxx\nxxxx\n");
}

TEST_CASE("characters count, not bytes, and none is cut apart") {
    Table table({"PLACE", "N"});
    table.add({"Gießerei Süd", "1"});
    table.add({"x", "2"});
    CHECK(table.text(0) == "PLACE         N\nGießerei Süd  1\nx             2\n");
    Table narrow({"PLACE"});
    narrow.add({"üüüüüüüüüü"});
    CHECK(narrow.text(8) == "PLACE\nüüüüüüüü\nüü\n");
}

TEST_CASE("a terminal narrower than columns can be gets columns of eight") {
    CHECK(widest_line(two_hosts().text(1)) == 18);
}

TEST_CASE("a cell in a colour moves no column, and what is folded is coloured line by line") {
    Table table({"HOST", "VERDICT"});
    table.add({"rack-7", "GO, with warnings"}, {.column = 1, .code = "\x1b[33m"});
    table.add({"rack-8", "GO"});
    CHECK(table.text(0) ==
          "HOST    VERDICT\n"
          "rack-7  \x1b[33mGO, with warnings\x1b[0m\n"
          "rack-8  GO\n");
    CHECK(table.text(17) ==
          "HOST    VERDICT\n"
          "rack-7  \x1b[33mGO, with\x1b[0m\n"
          "        \x1b[33mwarnings\x1b[0m\n"
          "rack-8  GO\n");
}
