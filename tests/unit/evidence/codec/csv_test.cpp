#include "evidence/codec/csv.h"

#include <catch2/catch.hpp>

using namespace assay;

namespace {

using Fields = std::vector<std::string>;

Fields row(std::string_view text) {
    auto fields = parse_csv_row(text);
    INFO(text << (fields ? "" : fields.error().context));
    REQUIRE(fields.has_value());
    return *std::move(fields);
}

std::string refused_row(std::string_view text) {
    const auto fields = parse_csv_row(text);
    return fields ? "taken" : fields.error().context;
}

// The rows of a table that comes in pieces of `piece` bytes.
std::vector<std::string> cut(std::string_view text, std::size_t piece) {
    std::vector<std::string> rows{""};
    CsvRowEnds ends;
    while (!text.empty()) {
        auto part = text.substr(0, piece);
        text.remove_prefix(part.size());
        while (!part.empty()) {
            const auto size = ends.find(part);
            const auto taken = part.substr(0, size);
            part.remove_prefix(taken.size());
            rows.back() += taken;
            if (size != std::string_view::npos) rows.emplace_back();
        }
    }
    return rows;
}

}  // namespace

TEST_CASE("a line break within quotes is a blank, and the row goes on behind it") {
    CHECK(row("a,\"two\nlines\",b\n") == Fields{"a", "two lines", "b"});
    CHECK(row("a,\"two\r\nlines\",b\r\n") == Fields{"a", "two lines", "b"});
    CHECK(row("\"\n\"") == Fields{""});
    const auto rows = parse_csv("h,i\n1,\"a\nb\n\nc\"\n2,d\n");
    REQUIRE(rows.has_value());
    REQUIRE(rows->size() == 3);
    CHECK((*rows)[1].fields == Fields{"1", "a b  c"});
    CHECK((*rows)[1].line == 2);
    CHECK((*rows)[2].line == 6);  // line breaks within a row are counted
}

TEST_CASE("a row ends where its quotes say, whatever pieces it comes in") {
    const std::string text =
        "\xef\xbb\xbf\"h\n1\",i\r\n\"a \"\"b\"\"\n,c\",d\n x\"y\n\"e\" \"f\n,\"\"\n\"open\n";
    const std::vector<std::string> wanted{"\xef\xbb\xbf\"h\n1\",i\r\n",
                                          "\"a \"\"b\"\"\n,c\",d\n",
                                          " x\"y\n",
                                          "\"e\" \"f\n",
                                          ",\"\"\n",
                                          "\"open\n"};
    for (const std::size_t piece : {1U, 2U, 3U, 1000U}) CHECK(cut(text, piece) == wanted);
}

TEST_CASE("a quoted field that never ends is refused, and so is a bare carriage return") {
    CHECK(refused_row("a,\"b\nc,d\n").find("no end") != std::string::npos);
    CHECK(refused_row("a,\"b\"c\n").find("behind a quoted field") != std::string::npos);
    CHECK(refused_row("a,\"b\rc\"\n").find("control characters") != std::string::npos);
    CHECK(refused_row("a,b\x01\n").find("control characters") != std::string::npos);
    CHECK(parse_csv("h\n\"1\n2\n").error().context.starts_with("line 2: "));
}

TEST_CASE("a row that begins with # is a row, unless a page says that such lines are remarks") {
    const std::string text = "door,id\n#4 cage,1\n# all of it\nlobby,2\n";
    CHECK(parse_csv("door,id\n#4 cage,1\nlobby,2\n")->size() == 3);
    CHECK(parse_csv(text).error().context.starts_with("line 3: 1 fields"));
    CHECK(parse_csv(text, {.comments = true})->size() == 2);
    CHECK(csv_comments(text) == 2);
    CHECK(csv_comments("a,\"b\n# within a field\"\n# a remark \" with a quote\nc,d\n") == 1);
    CHECK(csv_comments("") == 0);
}
