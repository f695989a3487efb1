#include <fstream>
#include <iterator>

#include <catch2/catch.hpp>

#include "verifier/judge/accompaniment/reading/case.h"
#include "verifier/service/inputs/feed_reader.h"

using namespace assay;
using namespace assay::inputs;
using accompaniment::instant_text;
using nlohmann::json;

namespace {

constexpr std::string_view kMapping = R"(
kind = "badges"
source = "doors"
format = "csv"

[time]
format = "%Y-%m-%d %H:%M:%S"
utc_offset = "+01:00"
summer_from = "M3.5.0/02:00"
summer_to = "M10.5.0/03:00"

[columns]
event_id = "id"
credential = "card"
direction = "way"
result = "what"
zone_to = "zone"
occurred_at = "time"

[words.direction]
"Eingang" = "in"
"Ausgang" = "out"

[words.result]
"OK" = "granted"
"NO" = "denied"
)";

struct Read {
    std::vector<json> rows;
    std::vector<RejectedFeedRow> rejected;
    Result<> done;
};

Read read(const FeedMapping& mapping, std::string_view text, std::size_t piece = 7) {
    Read out;
    FeedReader reader(
        mapping,
        [&](json row) -> Result<> {
            out.rows.push_back(std::move(row));
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
    return out;
}

FeedMapping mapping() {
    auto out = read_feed_mapping("doors.toml", kMapping);
    REQUIRE(out.has_value());
    return *std::move(out);
}

std::string spoken(const TimeForm& form, std::string_view text) {
    const auto span = parse_feed_time(form, text);
    if (!span) return span.error().context;
    return span->from == span->to ? instant_text(span->from)
                                  : instant_text(span->from) + ".." + instant_text(span->to);
}

constexpr std::string_view kHeader = "id,card,way,what,zone,time\n";

}  // namespace

TEST_CASE("a row of an export becomes a row of badges.json, whatever pieces it comes in") {
    const auto in = mapping();
    const auto text = std::string(kHeader) + "7,b-1,Eingang,OK,hall,2026-01-05 08:00:00\n";
    for (const std::size_t piece : {1U, 7U, 4096U}) {
        const auto out = read(in, text, piece);
        REQUIRE(out.rows.size() == 1);
        CHECK(out.rows[0] == json{{"source", "doors"},
                                  {"event_id", "7"},
                                  {"credential", "b-1"},
                                  {"direction", "in"},
                                  {"result", "granted"},
                                  {"zone_to", "hall"},
                                  {"occurred_at", "2026-01-05T07:00:00Z"}});
        CHECK(accompaniment::read_badge_row(out.rows[0], "").has_value());
    }
    CHECK(read(in, "\xef\xbb\xbf" + text).rows.size() == 1);
    CHECK(read(in, std::string(kHeader) +
                       "7,b-1,Eingang,OK,hall,2026-01-05 08:00:00\r\n8,b-2,Ausgang,OK,,2026-01-05 08:01:00")
              .rows.size() == 2);
}

TEST_CASE("summer time is minded: the hour that comes twice is both, the one left out is rejected") {
    const auto form = mapping().time;
    CHECK(spoken(form, "2026-01-05 08:00:00") == "2026-01-05T07:00:00Z");
    CHECK(spoken(form, "2026-07-05 08:00:00") == "2026-07-05T06:00:00Z");
    CHECK(spoken(form, "2026-03-29 01:59:59") == "2026-03-29T00:59:59Z");
    CHECK(spoken(form, "2026-03-29 02:30:00") == "the clocks went forward: this time did not exist");
    CHECK(spoken(form, "2026-03-29 03:00:00") == "2026-03-29T01:00:00Z");
    CHECK(spoken(form, "2026-10-25 01:59:59") == "2026-10-24T23:59:59Z");
    CHECK(spoken(form, "2026-10-25 02:30:00") == "2026-10-25T00:30:00Z..2026-10-25T01:30:00Z");
    CHECK(spoken(form, "2026-10-25 03:00:00") == "2026-10-25T02:00:00Z");
    // South of the equator summer spans the new year.
    auto south = form;
    std::swap(south.summer_from, south.summer_to);
    CHECK(spoken(south, "2026-01-05 08:00:00") == "2026-01-05T06:00:00Z");
    CHECK(spoken(south, "2026-07-05 08:00:00") == "2026-07-05T07:00:00Z");
}

TEST_CASE("a local time of which nobody knows the offset is known to fourteen hours either way") {
    TimeForm form;
    form.format = "%m/%d/%Y %I:%M:%S %p";
    CHECK(spoken(form, "03/02/2026 12:00:00 AM") == "2026-03-01T10:00:00Z..2026-03-02T14:00:00Z");
    CHECK(spoken(form, "02/29/2026 01:00:00 PM").find("no time of the form") != std::string::npos);
    CHECK(spoken(form, "02/29/2028 01:00:00 PM") == "2028-02-28T23:00:00Z..2028-03-01T03:00:00Z");
    for (const auto* bad : {"03/02/26 01:00:00 PM", "03/02/2026 13:00:00 PM", "03/02/2026 01:00:00",
                            "03/02/2026 01:00:00 PM ", ""})
        CHECK(spoken(form, bad).find("no time of the form") != std::string::npos);
}

TEST_CASE("a row that cannot be read is rejected with its line and reason, and the rest goes on") {
    const auto in = mapping();
    const auto out = read(in, std::string(kHeader) +
                                  "1,b,Eingang,OK,hall,2026-01-05 08:00:00\n"
                                  "2,b,Eingang,OK,hall,gestern\n"
                                  "3,,Eingang,OK,hall,2026-01-05 08:00:00\n"
                                  "4,b,Eingang,OK,hall\n"
                                  "5,b,Eingang,,hall,2026-01-05 08:00:00\n"
                                  "6,b,Eingang,ODD,hall,2026-01-05 08:00:00\n"
                                  "7,b,Eingang,FIRE,hall,2026-01-05 08:00:00\n"
                                  "8,\"b,Eingang\n"
                                  "9,b,hinaus,OK,hall,2026-01-05 08:00:00\n");
    CHECK(out.done.has_value());
    REQUIRE(out.rows.size() == 2);
    CHECK(out.rows[1].at("direction") == "unknown");  // a word that the mapping does not have is not guessed
    REQUIRE(out.rejected.size() == 7);
    CHECK(out.rejected[0].line == 3);
    CHECK(out.rejected[0].reason.find("gestern") != std::string::npos);
    CHECK(out.rejected[1].reason.find("person or a credential") != std::string::npos);
    CHECK(out.rejected[3].reason.find("no result") != std::string::npos);
    CHECK(out.rejected[4].reason.find("granted, denied") != std::string::npos);
}

TEST_CASE("rows of another kind are left out where the mapping says which to keep") {
    auto in = mapping();
    in.keep_column = "what";
    in.keep = {"OK", "NO"};
    const auto out = read(in, std::string(kHeader) + "1,b,Eingang,OK,hall,2026-01-05 08:00:00\n2,,,FIRE,,\n");
    CHECK(out.rows.size() == 1);
    CHECK(out.rejected.empty());
}

TEST_CASE("a line without end, bytes of zero and wrong UTF-8 are rejected in bounded memory") {
    const auto in = mapping();
    const auto long_line = std::string(10U << 20U, 'x');
    const auto out = read(in,
                          std::string(kHeader) + long_line + "\n1,b,Eingang,OK,hall,2026-01-05 08:00:00\n" +
                              std::string("2,\0b\n", 5) + "3,\xff\n",
                          65536);
    CHECK(out.rows.size() == 1);
    REQUIRE(out.rejected.size() == 3);
    CHECK(out.rejected[0].content.size() <= FeedReader::kContent + 3);
    CHECK(out.rejected[0].reason.find("more than") != std::string::npos);
}

TEST_CASE("an export that lacks a column which the mapping takes is refused before its first row") {
    const auto out = read(mapping(), "id,card\n1,b\n");
    REQUIRE_FALSE(out.done.has_value());
    CHECK(out.done.error().context.find("no column") != std::string::npos);
    CHECK(out.rows.empty());
}

TEST_CASE("hostile text in a field arrives as what it is") {
    const auto in = mapping();
    const std::string hostile = "=cmd|'/c calc'!A0";
    const auto out =
        read(in, std::string(kHeader) + "1,\"" + hostile + "\",Eingang,OK,<script>,2026-01-05 08:00:00\n");
    REQUIRE(out.rows.size() == 1);
    CHECK(out.rows[0].at("credential") == hostile);
    CHECK(out.rows[0].at("zone_to") == "<script>");
}

TEST_CASE("a row whose moment nobody recorded is an interval that ends when it was written down") {
    auto in = mapping();
    in.format = "jsonl";
    in.time = {};
    in.time.unknown_span_s = 3600;
    in.columns = {
        {"event_id", "id"}, {"person", "who.id"}, {"occurred_at", "occur"}, {"created_at", "create"}};
    in.keep_column.clear();
    const auto out =
        read(in, R"({"id": 5, "who": {"id": "p-1"}, "occur": "", "create": "2026-01-05T08:00:00Z"})");
    REQUIRE(out.rows.size() == 1);
    CHECK(out.rows[0].at("occurred_from") == "2026-01-05T07:00:00Z");
    CHECK(out.rows[0].at("occurred_to") == "2026-01-05T08:00:00Z");
    CHECK(out.rows[0].at("person") == "p-1");
}

TEST_CASE("a mapping with an unknown key, member, or half a summer is refused with its line") {
    const auto complaint = [](std::string text, std::string_view from, std::string_view to) {
        const auto at = text.find(from);
        REQUIRE(at != std::string::npos);
        text.replace(at, from.size(), to);
        const auto out = read_feed_mapping("doors.toml", text);
        return out ? std::string() : out.error().context;
    };
    const std::string good(kMapping);
    CHECK(complaint(good, "source =", "sauce =").find("doors.toml:") != std::string::npos);
    CHECK(complaint(good, "zone_to =", "zone_too =").find("no member") != std::string::npos);
    CHECK(complaint(good, "summer_to", "summer_too").find("doors.toml:") != std::string::npos);
    CHECK(complaint(good, "+01:00", "+1").find("an offset as") != std::string::npos);
    CHECK(complaint(good, "M3.5.0/02:00", "M13.5.0/02:00").find("the last Sunday") != std::string::npos);
    CHECK(complaint(good, "credential = ", "zone_from = ").find("nobody's") != std::string::npos);
}

TEST_CASE("the mappings that ship can be read") {
    for (const auto* name : {"assay", "onguard", "ccure", "genetec", "brivo", "salto"}) {
        std::ifstream in(std::string(ASSAY_SOURCE_DIR "/verifier/service/inputs/mappings/") + name + ".toml");
        const std::string text{std::istreambuf_iterator<char>(in), {}};
        const auto read = read_feed_mapping(name, text);
        INFO(name << (read ? "" : read.error().context));
        CHECK(read.has_value());
    }
}
