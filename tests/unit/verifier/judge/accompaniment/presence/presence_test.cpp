#include <catch2/catch.hpp>

#include "tests/unit/verifier/judge/accompaniment/world.h"

using namespace assay::accompaniment;
using namespace assay::accompaniment::testing;

namespace {

Presence escort_at(const std::string& at, const std::function<void(json&)>& change, Millis host_bound = 0) {
    auto w = base_world();
    change(w["badges"]);
    const auto world = *read_world(w);
    const auto time = *parse_instant("2026-03-02T" + at + "Z");
    return world.knowledge->presences().of("p-esc", "room-1", {time, time}, host_bound);
}

const auto kNothing = [](json&) {};

}  // namespace

TEST_CASE("presence begins and ends within the bounds of the clocks, and is unknown inside them") {
    CHECK(escort_at("13:49:29", kNothing).condition.value == Tri::no);
    CHECK(escort_at("13:49:30", kNothing).condition.cause == Cause::clock);
    CHECK(escort_at("13:51:30", kNothing).condition.cause == Cause::clock);
    CHECK(escort_at("13:51:31", kNothing).condition.value == Tri::yes);
    CHECK(escort_at("14:34:29", kNothing).condition.value == Tri::yes);
    CHECK(escort_at("14:35:30", kNothing).condition.cause == Cause::clock);
    CHECK(escort_at("14:36:31", kNothing).condition.value == Tri::no);
    CHECK(escort_at("14:34:29", kNothing, 10'000).condition.cause == Cause::clock);
}

TEST_CASE("only a door's word makes an absence contrary") {
    CHECK_FALSE(escort_at("13:40:00", kNothing).contrary);
    CHECK(escort_at("14:50:00", kNothing).contrary);
    CHECK_FALSE(escort_at("14:07:00", [](json& b) {
                    b["rows"].erase(1);
                    b["rows"].erase(2);
                }).contrary);
}

TEST_CASE("a presence without a way out ends after the longest stay") {
    const auto stays = [](json& b) {
        b["rows"].erase(3);
        b["feeds"][0]["watermark"] = "2026-03-04T00:00:00Z";
    };
    CHECK(escort_at("23:00:00", stays).condition.value == Tri::yes);
    auto w = base_world();
    stays(w["badges"]);
    const auto world = *read_world(w);
    const auto late = *parse_instant("2026-03-03T01:52:00Z");
    const auto presence = world.knowledge->presences().of("p-esc", "room-1", {late, late}, 0);
    CHECK(presence.condition.value == Tri::no);
    CHECK_FALSE(presence.contrary);
}

TEST_CASE(
    "direction unknown, released doors, deleted rows and a feed that stopped are unknown, each for its "
    "reason") {
    CHECK(escort_at("14:07:00", [](json& b) {
              b["rows"][1]["direction"] = "unknown";
              b["rows"][1]["reader"] = "";
          }).condition.cause == Cause::data);
    CHECK(escort_at("14:07:00", [](json& b) {
              b["releases"] = {
                  {{"zone", "site-1"}, {"from", "2026-03-02T14:00:00Z"}, {"to", "2026-03-02T14:10:00Z"}}};
          }).condition.cause == Cause::emergency);
    CHECK(escort_at("14:07:00", [](json& b) {
              b["feeds"][0]["kept_since"] = "2026-03-02T14:10:00Z";
          }).condition.cause == Cause::data);
    CHECK(escort_at("14:07:00", [](json& b) {
              b["feeds"][0]["watermark"] = "2026-03-02T14:08:00Z";
          }).condition.cause == Cause::feed);
    CHECK(escort_at("14:07:00", [](json& b) {
              b["feeds"][0]["watermark"] = "2026-03-02T14:08:01Z";
          }).condition.value == Tri::yes);
}

TEST_CASE("one badge in two cities is nowhere, a check-in desk is no door, and a refusal is no entry") {
    const auto far = [](json& b) {
        b["rows"].push_back({{"source", "o"},
                             {"event_id", "9"},
                             {"credential", "b-esc"},
                             {"reader", "r-3-in"},
                             {"occurred_at", "2026-03-02T14:20:00Z"}});
    };
    CHECK(escort_at("14:07:00", far).cloned);
    CHECK(escort_at("14:07:00", far).contrary);
    CHECK(escort_at("14:07:00", [](json& b) { b["rows"][1]["reader"] = "r-kiosk"; }).condition.value ==
          Tri::no);
    CHECK(escort_at("14:07:00", [](json& b) { b["rows"][1]["result"] = "denied"; }).condition.value ==
          Tri::no);
}
