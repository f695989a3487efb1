#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "verifier/service/inputs/feed_reader.h"

using namespace assay;
using namespace assay::inputs;
using nlohmann::json;

namespace {

struct FeedRows {
    std::vector<json> rows;
    std::vector<RejectedFeedRow> rejected;
    std::size_t left_out = 0;
    Result<> done;

    [[nodiscard]] std::vector<std::string> ids() const {
        std::vector<std::string> out;
        for (const auto& row : rows) out.push_back(row.at("event_id"));
        return out;
    }
};

using Ids = std::vector<std::string>;

FeedRows rows_of(const std::string& toml, std::string_view text, std::size_t piece = 5) {
    auto mapping = read_feed_mapping("feed.toml", toml);
    INFO((mapping ? "" : mapping.error().context));
    REQUIRE(mapping.has_value());
    FeedRows out;
    FeedReader reader(
        *mapping,
        [&](const Json& row) -> Result<> {
            out.rows.push_back(json::parse(row.dump()));
            return {};
        },
        [&](RejectedFeedRow row) -> Result<> {
            out.rejected.push_back(std::move(row));
            return {};
        });
    while (!text.empty() && out.done) {
        const auto part = text.substr(0, piece);
        out.done = reader.take(part);
        text.remove_prefix(part.size());
    }
    if (out.done) out.done = reader.finish();
    out.left_out = reader.left_out();
    CHECK(reader.rows() == out.rows.size());
    CHECK(reader.rejected() == out.rejected.size());
    return out;
}

const std::string kCsv = R"(
kind = "badges"
source = "doors"
format = "csv"
[columns]
reader = "Door"
event_id = "Id"
credential = "Card"
occurred_at = "Time"
)";
const std::string kJson = R"(
kind = "badges"
source = "doors"
format = "jsonl"
[columns]
reader = "door"
event_id = "id"
credential = "card"
occurred_at = "time"
)";
constexpr std::string_view kTop = "Door,Id,Card,Time\n";
constexpr std::string_view kAt = ",7,2026-03-02T14:07:00Z\n";

std::string csv(std::initializer_list<std::string_view> starts) {
    std::string out(kTop);
    for (const auto start : starts) out += std::string(start) + std::string(kAt);
    return out;
}

std::string json_row(const std::string& members) {
    return R"({"id": "1", "time": "2026-03-02T14:07:00Z", )" + members + "}\n";
}

}  // namespace

TEST_CASE("a row of a badge feed that begins with # is a row like any other") {
    const auto out = rows_of(kCsv, csv({"#4 cage,1", "#4 cage,2", "lobby,3", "#,4"}));
    CHECK(out.ids() == Ids{"1", "2", "3", "4"});
    CHECK(out.rows[0].at("reader") == "#4 cage");
    // What is no row is told, whatever it begins with.
    const auto remark = rows_of(kCsv, std::string(kTop) + "# of today\n");
    REQUIRE(remark.rejected.size() == 1);
    CHECK(remark.rejected[0].reason == "1 fields, the first line has 4");
}

TEST_CASE("a row of a badge feed goes on over line breaks within quotes") {
    const auto text = csv({"\"cage 4\n(rear)\",1", "\"a\r\n\r\nb\",2", "\"says \"\"x\n\"\"\",3", "lobby,4"});
    for (const std::size_t piece : {1U, 5U, 4096U}) {
        const auto out = rows_of(kCsv, text, piece);
        CHECK(out.rejected.empty());
        CHECK(out.ids() == Ids{"1", "2", "3", "4"});
        CHECK(out.rows[0].at("reader") == "cage 4 (rear)");
        CHECK(out.rows[1].at("reader") == "a  b");
        CHECK(out.rows[2].at("reader") == "says \"x \"");
    }
    CHECK(rows_of(kCsv, "\xef\xbb\xbf\"Door\",Id,Card,\"Time\"\nlobby,1" + std::string(kAt)).ids() ==
          Ids{"1"});
}

TEST_CASE("a quoted field without end takes no row with it unseen: the lines that are in it are told") {
    const auto out = rows_of(kCsv, csv({"lobby,1", "\"inch,2", "lobby,3", "lobby,4"}));
    CHECK(out.ids() == Ids{"1"});
    REQUIRE(out.rejected.size() == 1);
    CHECK(out.rejected[0].line == 3);
    CHECK(out.rejected[0].reason.find("no end") != std::string::npos);
    CHECK(out.rejected[0].reason.find("line 3 to 5") != std::string::npos);
    // Ended somewhere else, it is one row that is wrong, and the next is right.
    const auto ended = rows_of(kCsv, csv({"\"inch,2", "\"lobby\",3", "lobby,4"}));
    CHECK(ended.ids() == Ids{"4"});
    REQUIRE(ended.rejected.size() == 1);
    CHECK(ended.rejected[0].reason.find("line 2 to 3") != std::string::npos);
}

TEST_CASE("the limit of a line holds for a row, and what is within a row that is too long is no row") {
    const auto forged = "\"" + std::string(FeedReader::kRow, 'x') + "\nlobby,9" + std::string(kAt) + "\",2";
    const auto out = rows_of(kCsv, csv({"lobby,1", forged, "lobby,3"}), 4096);
    CHECK(out.ids() == Ids{"1", "3"});
    REQUIRE(out.rejected.size() == 1);
    CHECK(out.rejected[0].reason.find("a row of more than 65536 bytes") != std::string::npos);
    CHECK(out.rejected[0].content.size() <= FeedReader::kContent + 3);
    const auto long_row = "\"" + std::string(2000, 'x') + "\n" + std::string(2000, 'y') + "\",2";
    CHECK(rows_of(kCsv, csv({long_row})).rejected[0].reason.find("a text of at most 1024") !=
          std::string::npos);
}

TEST_CASE("a value of JSON is read, or its row is rejected: a list or an object is not nothing") {
    const auto out = rows_of(kJson, json_row(R"("card": {"value": "0012345"}, "door": null)") +
                                        json_row(R"("card": 8939010102358478435)"));
    REQUIRE(out.rows.size() == 2);
    CHECK(out.rows[0].at("credential") == "0012345");
    CHECK_FALSE(out.rows[0].contains("reader"));
    CHECK(out.rows[1].at("credential") == "8939010102358478435");
    for (const auto* members : {R"("card": ["7"])", R"("card": [])", R"("card": {"id": "7"})",
                                R"("card": "7", "door": {"name": "x"})", R"("card": "7", "door": []})"}) {
        const auto odd = rows_of(kJson, json_row(members));
        INFO(members);
        CHECK(odd.rows.empty());
        REQUIRE(odd.rejected.size() == 1);
    }
    CHECK(rows_of(kJson, json_row(R"("card": ["7"])")).rejected[0].reason ==
          "credential: card: expected one text, got a list of 1");
}

TEST_CASE("a credential that a spreadsheet or a program made a number of is rejected with the remedy") {
    const auto out =
        rows_of(kCsv, std::string(kTop) + "lobby,1,8.93901E+18,2026-03-02T14:07:00Z\n" +
                          "lobby,1.2E+12,7,2026-03-02T14:07:00Z\nlobby,3,893E16,2026-03-02T14:07:00Z\n");
    CHECK(out.ids() == Ids{"3"});
    REQUIRE(out.rejected.size() == 2);
    CHECK(out.rejected[0].reason.find("/credential: expected what was written, got 8.93901E+18") !=
          std::string::npos);
    CHECK(out.rejected[1].reason.find("/event_id") != std::string::npos);
    CHECK(rows_of(kJson, json_row(R"("card": 12345678901234567890123)")).rejected.size() == 1);
}

TEST_CASE("columns that only together name a row make one name, and no two rows share it") {
    const std::string two = R"(
kind = "badges"
source = "doors"
format = "csv"
event_id = ["Panel", "No"]
[columns]
credential = "Card"
occurred_at = "Time"
)";
    const std::string top = "Panel,No,Card,Time\n";
    const auto out =
        rows_of(two, top + "a,1" + std::string(kAt) + "b,1" + std::string(kAt) + "a/1,1" + std::string(kAt) +
                         "a,1/1" + std::string(kAt) + "a%2F1,1" + std::string(kAt));
    CHECK(out.ids() == Ids{"a/1", "b/1", "a%2F1/1", "a/1%2F1", "a%252F1/1"});
    const auto none = rows_of(two, top + ",1" + std::string(kAt));
    REQUIRE(none.rejected.size() == 1);
    CHECK(none.rejected[0].reason == "event_id: no \"Panel\", which is a part of it");
    CHECK(rows_of(two, "No,Card,Time\n1" + std::string(kAt)).done.error().context.find("\"Panel\"") !=
          std::string::npos);
}

TEST_CASE("an export without the column by which a mapping keeps rows, or with two of one name, is refused") {
    const auto keep = kCsv + "[keep]\ncolumn = \"Kind\"\nvalues = [\"x\"]\n";
    const auto missing = rows_of(keep, csv({"lobby,1"}));
    REQUIRE_FALSE(missing.done.has_value());
    CHECK(missing.done.error().context.find("no column \"Kind\", which the mapping takes for [keep]") !=
          std::string::npos);
    const auto twice = rows_of(kCsv, "Door,Id,Card,Time,Card\n");
    REQUIRE_FALSE(twice.done.has_value());
    CHECK(twice.done.error().context.find("more than one column \"Card\"") != std::string::npos);
    CHECK(rows_of(kCsv, "Door,Id,Card,Time,x,x\nlobby,1,7,2026-03-02T14:07:00Z,,\n").ids() == Ids{"1"});
    const auto kept = rows_of(keep, "Door,Id,Card,Time,Kind\nlobby,1,7,2026-03-02T14:07:00Z,y\n");
    CHECK(kept.left_out == 1);
}
