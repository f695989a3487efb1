#include <catch2/catch.hpp>
#include <fmt/core.h>
#include <nlohmann/json.hpp>

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
time_zone = "Europe/Berlin"

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
    return out;
}

FeedMapping mapping() {
    auto out = read_feed_mapping("doors.toml", kMapping);
    REQUIRE(out.has_value());
    return *std::move(out);
}

TimeForm time_form(const std::string& toml) {
    const auto file = TomlFile::parse("time.toml", toml).value();
    const auto form = read_time_form(file.root());
    INFO((form ? "" : form.error().context));
    REQUIRE(form.has_value());
    return *form;
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
        CHECK(accompaniment::read_badge_row(out.rows[0].dump(), "").has_value());
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
    const auto south = time_form("time_zone = \"Pacific/Auckland\"\nformat = \"%Y-%m-%d %H:%M:%S\"");
    CHECK(spoken(south, "2026-01-05 08:00:00") == "2026-01-04T19:00:00Z");
    CHECK(spoken(south, "2026-07-05 08:00:00") == "2026-07-04T20:00:00Z");
}

TEST_CASE("a zone's rule is that of the year, and a year beyond the system's list is refused, not guessed") {
    const auto form = time_form("time_zone = \"America/Chicago\"\nformat = \"%Y-%m-%d %H:%M:%S\"");
    CHECK(spoken(form, "2006-03-20 08:00:00") == "2006-03-20T14:00:00Z");  // summer began in April then
    CHECK(spoken(form, "2007-03-20 08:00:00") == "2007-03-20T13:00:00Z");
    CHECK(spoken(form, "2037-07-01 08:00:00") == "2037-07-01T13:00:00Z");
    CHECK(spoken(form, "2038-07-01 08:00:00").find("expected a year up to 2037, got 2038") !=
          std::string::npos);
}

TEST_CASE("an offset that never changes needs no zone") {
    for (const auto* offset : {"+05:30", "-11:00", "Z", "+14:00"}) {
        const auto form =
            time_form(fmt::format("utc_offset = \"{}\"\nformat = \"%Y-%m-%d %H:%M:%S\"", offset));
        const auto text = std::string("2026-03-02T08:00:00") + offset;
        CHECK(spoken(form, "2026-03-02 08:00:00") == instant_text(*accompaniment::parse_instant(text)));
    }
}

TEST_CASE("each form of time takes what its makers export, and RFC 3339 takes no other") {
    struct Case {
        const char* format;
        const char* text;
        bool taken;
    };
    constexpr const char* kJira = "%Y-%m-%dT%H:%M:%S%z";
    constexpr const char* kServiceNow = "%Y-%m-%d %H:%M:%S";
    constexpr const char* kCcure = "%m/%d/%Y %I:%M:%S %p";
    for (const auto& [format, text, taken] :
         std::vector<Case>{{"rfc3339", "2026-03-02T14:07:00Z", true},
                           {"rfc3339", "2026-03-02T14:07:00.000+00:00", true},
                           {"rfc3339", "2026-03-02T14:07:00.000+0000", true},
                           {"rfc3339", "2026-03-02T14:07:00.0000000Z", true},
                           {"rfc3339", "2026-03-02T14:07:00,000Z", true},
                           {"rfc3339", "2026-03-02\u00a014:07:00Z", true},
                           {"rfc3339", "2026-03-02T14:07:00.0000000000Z", false},
                           {"rfc3339", "2026-03-02T14:07:00+0099", false},
                           {"rfc3339", "2026-03-02T14:07:00+00", false},
                           {"rfc3339", "2026-03-02T14:07:00", true},
                           {"rfc3339", "2026-03-02 14:07:00.123", true},
                           {"rfc3339", "2026-03-02T14:07", false},
                           {"rfc3339", "2026-03-02t14:07:00z", false},
                           {"rfc3339", " 2026-03-02T14:07:00Z", false},
                           {kJira, "2026-03-02T14:07:00.000+0000", true},
                           {kJira, "2026-03-02T15:07:00.000+0100", true},
                           {kJira, "2026-03-02T08:37:00-0530", true},
                           {kJira, "2026-03-02T14:07:00.000+00:00", true},
                           {kJira, "2026-03-02T14:07:00.000-05:30", true},
                           {kJira, "2026-03-02T14:07:00.000Z", true},
                           {kJira, "2026-03-02T14:07:00.000z", false},
                           {kJira, "2026-03-02T14:07:00.000+0000Z", false},
                           {kJira, "2026-03-02T14:07:00.000+0:000", false},
                           {kJira, "2026-03-02T14:07:00.000+00", false},
                           {kJira, "2026-03-02T14:07:00.000+0099", false},
                           {kJira, "2026-03-02T14:07:00.000+2400", false},
                           {kJira, "2026-03-02T14:07:00.000", false},
                           {kServiceNow, "2026-03-02 14:07:00", true},
                           {kServiceNow, "2026-03-02 14:07:00.250", true},
                           {kServiceNow, "2026-03-02 14:07:00.0000000", true},
                           {kServiceNow, "2026-03-02 14:07:00,5", true},
                           {kServiceNow, "2026-03-02 14:07:00.", false},
                           {kServiceNow, "2026-03-02 14:07:00.x", false},
                           {kServiceNow, "2026-03-02T14:07:00", false},
                           {kServiceNow, "2026-03-02  14:07:00", false},
                           {kServiceNow, "2026-03-02\t14:07:00", false},
                           {kServiceNow, "2026-03-0214:07:00", false},
                           {kServiceNow, "2026-03-+2 14:07:00", false},
                           {kServiceNow, "2026-03-02 14:07:00 ", false},
                           {kServiceNow, "2026-02-29 14:07:00", false},
                           {kServiceNow, "2026-03-02 24:00:00", false},
                           {kServiceNow, "2026-03-02 14:07:60", false},
                           {kServiceNow, "1969-12-31 23:59:59", false},
                           {kCcure, "3/2/2026 2:07:00 pm", true},
                           {kCcure, "03/02/2026 02:07:00 PM", true},
                           {kCcure, "03/02/2026 02:07:00\u202fPM", true},
                           {kCcure, "03/02/2026\u2009\u202f02:07:00 PM", false},
                           {kCcure, "03/02/2026 02:07:00.000\u00a0PM", true},
                           {kCcure, "\u200e03/02/2026 02:07:00 PM", false},
                           {kCcure, "03/02/2026 02:07:00PM", false},
                           {kCcure, "03/02/2026 00:07:00 PM", false},
                           {"unix", "1772460420", true},
                           {"unix", "-1", false},
                           {"unix", "+1", false},
                           {"unix", "1772460420.5", true},
                           {"unix", "1772460420.000", true},
                           {"unix", "1772460420.", false},
                           {"unix", "1772460420.5.1", false},
                           {"unix", "1772460420,5", false},
                           {"unix", ".5", false},
                           {"unix", "1.77246042e9", false},
                           {"unix", "1772460420.0000000000", false},
                           {"unix_ms", "1772460420000", true},
                           {"unix_ms", "1772460420000.0", true},
                           {"unix_ms", "", false}}) {
        TimeForm form;
        form.format = format;
        form.offset_minutes = 0;
        INFO(format << ": " << text);
        CHECK(parse_feed_time(form, text).has_value() == taken);
    }
    TimeForm jira;
    jira.format = kJira;
    for (const auto* text : {"2026-03-02T15:07:00.250+0100", "2026-03-02T15:07:00.250+01:00",
                             "2026-03-02T14:07:00.2509999Z", "2026-03-02T14:07:00,25Z"}) {
        CHECK(spoken(jira, text) == "2026-03-02T14:07:00.250Z");
        CHECK(spoken({}, text) == "2026-03-02T14:07:00.250Z");
    }
    TimeForm seconds;
    seconds.format = "unix";
    CHECK(spoken(seconds, "1772460420.25") == "2026-03-02T14:07:00.250Z");
}

TEST_CASE(
    "a time without its offset is that of the mapping's zone, and without one refused with the remedy") {
    const auto berlin = time_form("time_zone = \"Europe/Berlin\"");
    CHECK(spoken(berlin, "2026-07-05T08:00:00.1234567") == "2026-07-05T06:00:00.123Z");
    CHECK(spoken(berlin, "2026-07-05T08:00:00Z") == "2026-07-05T08:00:00Z");  // its own counts
    CHECK(spoken(berlin, "2026-03-29T02:30:00") == "the clocks went forward: this time did not exist");
    const auto said = spoken({}, "2026-07-05T08:00:00");
    CHECK(said.find("time_zone or utc_offset") != std::string::npos);
}

TEST_CASE("a time that cannot be read is shown with the characters that nobody sees") {
    TimeForm form;
    form.format = "%H:%M %p";
    CHECK(spoken(form, "02:07\u202f\u202fPM").find(R"(02:07\u{202f}\u{202f}PM)") != std::string::npos);
    CHECK(spoken(form, "\u200e02:07 PM").find(R"(\u{200e}02:07 PM)") != std::string::npos);
    CHECK(spoken({}, "2026-07-05\u00a0\u00a008:00:00Z").find(R"(\u{00a0}\u{00a0})") != std::string::npos);
}

TEST_CASE("a local time of which nobody knows the offset is known to fourteen hours either way") {
    TimeForm form;
    form.format = "%m/%d/%Y %I:%M:%S %p";
    CHECK(spoken(form, "03/02/2026 12:00:00 AM") == "2026-03-01T10:00:00Z..2026-03-02T14:00:00Z");
    CHECK(spoken(form, "02/29/2026 01:00:00 PM").find("expected a time of the form") != std::string::npos);
    CHECK(spoken(form, "02/29/2028 01:00:00 PM") == "2028-02-28T23:00:00Z..2028-03-01T03:00:00Z");
    for (const auto* bad : {"03/02/26 01:00:00 PM", "03/02/2026 13:00:00 PM", "03/02/2026 01:00:00",
                            "03/02/2026 01:00:00 PM ", ""})
        CHECK(spoken(form, bad).find("expected a time of the form") != std::string::npos);
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
                                  "8,b\"b,Eingang\n"
                                  "9,b,hinaus,OK,hall,2026-01-05 08:00:00\n");
    CHECK(out.done.has_value());
    REQUIRE(out.rows.size() == 2);
    CHECK(out.rows[1].at("direction") == "unknown");  // a word that the mapping does not have is not guessed
    REQUIRE(out.rejected.size() == 7);
    CHECK(out.rejected[0].line == 3);
    CHECK(out.rejected[0].reason.find("gestern") != std::string::npos);
    CHECK(out.rejected[1].reason.find("person or a credential") != std::string::npos);
    CHECK(out.rejected[3].reason.find("no result") != std::string::npos);
    CHECK(out.rejected[4].reason.find("granted or denied, got \"ODD\"") != std::string::npos);
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

TEST_CASE("a mapping with an unknown key, member or zone is refused with its line") {
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
    CHECK(complaint(good, "Europe/Berlin", "Europe/Nowhere").find("doors.toml:8") != std::string::npos);
    CHECK(complaint(good, "Europe/Berlin", "../etc/passwd").find("tzdata") != std::string::npos);
    CHECK(complaint(good, "time_zone", "utc_offset").find("expected an offset") != std::string::npos);
    for (const auto* offset : {"+1", "+01:0", "+15:00", "+0100", "01:00", "+01:60", " +1:00"})
        CHECK(complaint(good, "time_zone = \"Europe/Berlin\"", fmt::format("utc_offset = \"{}\"", offset))
                  .find("expected an offset") != std::string::npos);
    CHECK(complaint(good, "time_zone", "utc_offset = \"+01:00\"\ntime_zone").find("got both") !=
          std::string::npos);
    CHECK(complaint(good, "time_zone", "summer_from = \"M3.5.0/02:00\"\ntime_zone")
              .find("expected time_zone, got a rule of summer time") != std::string::npos);
    CHECK(complaint(good, "credential = ", "zone_from = ").find("nobody's") != std::string::npos);
    CHECK(complaint(good, "event_id = ", "feed_pos = ").find("expected a column for event_id") !=
          std::string::npos);
    CHECK(complaint(good, "format = \"csv\"", "format = \"csv\"\nevent_id = [\"id\"]").find("got both") !=
          std::string::npos);
}
