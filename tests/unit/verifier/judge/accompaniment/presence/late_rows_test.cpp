#include <catch2/catch.hpp>

#include "tests/unit/verifier/judge/accompaniment/world.h"

using namespace assay::accompaniment;
using namespace assay::accompaniment::testing;

namespace {

const Millis kEvent = *parse_instant("2026-03-02T14:07:00Z");

// At 14:30 the feed says that nothing up to 14:20 comes any more.
json told_at_half_past() {
    auto w = base_world();
    w["badges"]["feeds"][0]["passed"] = {
        {{"received_at", "2026-03-02T14:30:00Z"}, {"watermark", "2026-03-02T14:20:00Z"}}};
    return w;
}

json escorts_row(bool in, const std::string& clock, const std::string& received,
                 const std::string& room = "1") {
    const std::string lobby = room == "3" ? "lobby-2" : "lobby-1";
    json row{{"source", "onguard"},
             {"event_id", clock},
             {"credential", "b-esc"},
             {"reader", "r-" + room + (in ? "-in" : "-out")},
             {"direction", in ? "in" : "out"},
             {"zone_from", in ? lobby : "room-" + room},
             {"zone_to", in ? "room-" + room : lobby},
             {"occurred_at", "2026-03-02T" + clock + "Z"}};
    if (!received.empty()) row["received_at"] = "2026-03-02T" + received + "Z";
    return row;
}

Presence escort_at_the_event(const json& w) {
    const auto world = *read_world(w);
    return world.knowledge->presences().of("p-esc", "room-1", {kEvent, kEvent}, 0, kEvent);
}

std::vector<Presences::Seen> people_at_the_event(const json& w) {
    const auto world = *read_world(w);
    return world.knowledge->presences().people("room-1", {kEvent, kEvent}, 0, kEvent);
}

}  // namespace

TEST_CASE("a badge-in below a watermark that was told before it proves no presence") {
    const auto received = [](const std::string& clock) {
        auto w = told_at_half_past();
        w["badges"]["rows"][1]["received_at"] = "2026-03-02T" + clock + "Z";
        return escort_at_the_event(w);
    };
    CHECK(received("14:30:00").condition.value == Tri::yes);  // together with the watermark
    CHECK_FALSE(received("14:30:00").late_row);
    CHECK(received("14:30:01").condition.value == Tri::unknown);
    CHECK(received("14:30:01").condition.cause == Cause::late);
    CHECK(received("14:30:01").late_row == 1);
}

TEST_CASE("a watermark that was told later, or is below the row, makes none late") {
    auto w = told_at_half_past();
    w["badges"]["rows"][1]["received_at"] = "2026-03-02T14:40:00Z";
    CHECK(escort_at_the_event(w).condition.cause == Cause::late);
    auto& passed = w["badges"]["feeds"][0]["passed"][0];
    passed["watermark"] = "2026-03-02T13:50:29Z";
    CHECK(escort_at_the_event(w).condition.value == Tri::yes);
    passed["watermark"] = "2026-03-02T13:50:30Z";
    CHECK(escort_at_the_event(w).condition.cause == Cause::late);
    w["badges"]["feeds"][0]["passed"][0]["received_at"] = "2026-03-02T14:40:00Z";
    CHECK(escort_at_the_event(w).condition.value == Tri::yes);
}

TEST_CASE("a badge-out counts however late it came; the way back in after it does not") {
    auto w = told_at_half_past();
    w["badges"]["rows"].push_back(escorts_row(false, "13:57:00", "14:31:00"));
    CHECK(escort_at_the_event(w).condition.value == Tri::no);
    CHECK(escort_at_the_event(w).contrary);
    CHECK(escort_at_the_event(w).late_row);
    w["badges"]["rows"].push_back(escorts_row(true, "14:00:00", "14:31:00"));
    CHECK(escort_at_the_event(w).condition.cause == Cause::late);
    w["badges"]["rows"].back().erase("received_at");
    CHECK(escort_at_the_event(w).condition.value == Tri::yes);
}

TEST_CASE("a badge-in that came late and tells nothing new takes nothing away") {
    auto w = told_at_half_past();
    w["badges"]["rows"].push_back(escorts_row(true, "13:58:00", "14:31:00"));
    CHECK(escort_at_the_event(w).condition.value == Tri::yes);
    CHECK(escort_at_the_event(w).late_row);
}

TEST_CASE("a badge-out that came late takes nobody out of the room") {
    auto w = told_at_half_past();
    w["badges"]["rows"].push_back(escorts_row(false, "13:57:00", "14:29:00"));
    CHECK(people_at_the_event(w).size() == 1);
    w["badges"]["rows"].back()["received_at"] = "2026-03-02T14:31:00Z";
    const auto people = people_at_the_event(w);
    REQUIRE(people.size() == 2);
    CHECK(people[0].person == "p-esc");
    CHECK(people[0].presence.condition.cause == Cause::late);
    CHECK(people[1].presence.condition.value == Tri::yes);
}

TEST_CASE("a row that came late between rows of two sites does not hide that the badge was in both") {
    auto w = told_at_half_past();
    w["badges"]["rows"].push_back(escorts_row(true, "14:20:00", "", "3"));
    CHECK(escort_at_the_event(w).cloned);
    w["badges"]["rows"].push_back(escorts_row(true, "14:12:00", "14:31:00"));
    CHECK(escort_at_the_event(w).cloned);
    // One site, and a late row in it: no clone.
    auto one_site = told_at_half_past();
    one_site["badges"]["rows"].push_back(escorts_row(true, "14:12:00", "14:31:00"));
    CHECK_FALSE(escort_at_the_event(one_site).cloned);
}

TEST_CASE("whose badge it is the directory must have known at the event") {
    const auto known_from = [](const std::string& clock) {
        auto w = base_world();
        for (auto& person : w["directory"]["persons"]) {
            if (person["id"] == "p-esc") person["received_at"] = "2026-03-02T" + clock + "Z";
        }
        return escort_at_the_event(w);
    };
    CHECK(known_from("13:00:00").condition.value == Tri::yes);
    CHECK(known_from("14:07:00").condition.value == Tri::yes);
    CHECK(known_from("14:07:01").condition.cause == Cause::late);
    CHECK_FALSE(known_from("14:07:01").late_row);  // the row itself was there
}

TEST_CASE("a reader that the directory got to know after the event proves nothing where the row needs it") {
    const auto known_from = [](const std::string& clock, bool says_itself) {
        auto w = base_world();
        for (auto& reader : w["directory"]["readers"]) {
            if (reader["id"] == "r-1-in") reader["received_at"] = "2026-03-02T" + clock + "Z";
        }
        for (const auto* member : {"zone_to", "zone_from", "direction"}) {
            if (!says_itself) w["badges"]["rows"][1].erase(member);
        }
        return escort_at_the_event(w);
    };
    CHECK(known_from("14:07:00", false).condition.value == Tri::yes);
    CHECK(known_from("14:07:01", false).condition.cause == Cause::late);
    CHECK(known_from("14:07:01", true).condition.value == Tri::yes);
}
