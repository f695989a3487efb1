#include "verifier/judge/accompaniment/judging/settled.h"

#include <catch2/catch.hpp>

#include "tests/unit/verifier/judge/accompaniment/world.h"

using namespace assay::accompaniment;
using namespace assay::accompaniment::testing;

namespace {

std::string on_the_day(const std::string& clock) {
    return "2026-03-02T" + clock + "Z";
}

json signed_at(const std::string& clock, const std::string& key = "k-esc") {
    return {{"key", key}, {"at", on_the_day(clock)}, {"signature", "valid"}};
}

// The escort's door out, true from 14:34:30 to 14:36:30, lies around an event at 14:35; the session is open.
json leaving_at_the_event(const std::vector<json>& heartbeats) {
    auto w = base_world();
    w["events"]["events"].erase(1);
    w["events"]["events"][0]["at"] = on_the_day("14:35:00");
    auto& session = w["sessions"]["sessions"][0];
    session["closed_at"] = on_the_day("15:00:00");
    session["heartbeats"] = heartbeats;
    return w;
}

// The door in, true from 13:49:30 to 13:51:30, around an event at 13:50:40.
json entering_at_the_event(const std::vector<json>& heartbeats) {
    auto w = leaving_at_the_event(heartbeats);
    w["events"]["events"][0]["at"] = on_the_day("13:50:40");
    w["sessions"]["sessions"][0]["opened_at"] = on_the_day("13:40:00");
    return w;
}

bool is_settled(const json& w) {
    const auto world = *read_world(w);
    const auto& event = world.occurrences.front().event;
    const auto& knowledge = *world.knowledge;
    const auto scene = scene_of(event, *knowledge.directory().host(event.host), knowledge, world.now);
    const auto presence =
        knowledge.presences().of("p-esc", scene.zone, event.time, event.clock_bound, scene.as_of);
    REQUIRE(presence.condition.value == Tri::unknown);
    return settled_by_signature(presence, "p-esc", scene).has_value();
}

}  // namespace

TEST_CASE("who signed at the host soon after the event had not left before it") {
    CHECK(is_settled(leaving_at_the_event({signed_at("14:35:01")})));
    CHECK(is_settled(leaving_at_the_event({signed_at("14:45:00")})));
    CHECK_FALSE(is_settled(leaving_at_the_event({})));
    CHECK_FALSE(is_settled(leaving_at_the_event({signed_at("14:34:50")})));
    CHECK_FALSE(is_settled(leaving_at_the_event({signed_at("14:45:01")})));  // longer than a heartbeat
}

TEST_CASE("who came in at the event must have signed before it, too") {
    CHECK(is_settled(entering_at_the_event({signed_at("13:50:00"), signed_at("13:52:00")})));
    CHECK_FALSE(is_settled(entering_at_the_event({signed_at("13:52:00")})));
    CHECK_FALSE(is_settled(entering_at_the_event({signed_at("13:50:00")})));
    // Before the door can have been passed: from an earlier visit.
    CHECK_FALSE(is_settled(entering_at_the_event({signed_at("13:49:00"), signed_at("13:52:00")})));
}

TEST_CASE("a signature that was posted counts up to when the door was passed at the latest") {
    const auto posted = [](const std::string& clock) {
        auto signature = signed_at(clock);
        signature["posted"] = true;
        return leaving_at_the_event({signature});
    };
    CHECK(is_settled(posted("14:36:30")));
    CHECK_FALSE(is_settled(posted("14:36:31")));
    CHECK(is_settled(leaving_at_the_event({signed_at("14:36:31")})));  // journaled at the host
}

TEST_CASE("nobody else's signature settles it, nor one at another host, nor one that is not valid") {
    auto invalid = signed_at("14:35:30");
    invalid["signature"] = "invalid";
    auto elsewhere = signed_at("14:35:30");
    elsewhere["host"] = "h-b08";
    auto here = signed_at("14:35:30");
    here["host"] = "h-b07";
    CHECK(is_settled(leaving_at_the_event({here})));
    CHECK_FALSE(is_settled(leaving_at_the_event({elsewhere})));
    CHECK_FALSE(is_settled(leaving_at_the_event({invalid})));
    CHECK_FALSE(is_settled(leaving_at_the_event({signed_at("14:35:30", "k-esc2")})));
}

TEST_CASE("a key that the directory got to know after the event settles nothing") {
    const auto known_from = [](const std::string& clock) {
        auto w = leaving_at_the_event({signed_at("14:35:30")});
        for (auto& person : w["directory"]["persons"]) {
            if (person["id"] != "p-esc") continue;
            auto before = person;
            before["keys"] = json::array();
            before["until"] = person["received_at"] = on_the_day(clock);
            w["directory"]["persons"].push_back(before);
            break;
        }
        return w;
    };
    CHECK(is_settled(known_from("14:35:00")));
    CHECK_FALSE(is_settled(known_from("14:35:01")));
}

TEST_CASE("while another row of that time may still come nothing is settled") {
    auto w = leaving_at_the_event({signed_at("14:35:30")});
    w["badges"]["feeds"][0]["watermark"] = on_the_day("14:36:01");
    CHECK(is_settled(w));
    w["badges"]["feeds"][0]["watermark"] = on_the_day("14:36:00");
    CHECK_FALSE(is_settled(w));
}
