#include "verifier/judge/accompaniment/judging/open_sessions.h"

#include <catch2/catch.hpp>

#include "tests/unit/verifier/judge/accompaniment/world.h"

using namespace assay::accompaniment;
using namespace assay::accompaniment::testing;

namespace {

// Sessions that are open at host h-b07 of the base world, after one change.
std::vector<OpenSession> open_at(const std::string& time, const std::function<void(json&)>& change,
                                 const std::string& host = "h-b07", const std::string& boot_id = "") {
    auto w = base_world();
    change(w);
    const auto world = *read_world(w);
    const auto* here = world.knowledge->directory().host(host);
    REQUIRE(here != nullptr);
    return open_sessions(*here, boot_id, *world.knowledge, *parse_instant("2026-03-02T" + time + "Z"));
}
const auto kNothing = [](json&) {};
json& session(json& w) {
    return w["sessions"]["sessions"][0];
}
json& order(json& w) {
    return w["orders"]["orders"][0];
}

}  // namespace

TEST_CASE("a session is open from both signatures on, as long as the escort's newest is fresh") {
    const auto open = open_at("14:20:00", kNothing);
    REQUIRE(open.size() == 1);
    CHECK(open[0].session == "s-1");
    CHECK(open[0].order == "W-1");
    CHECK(open[0].until == *parse_instant("2026-03-02T14:30:00Z"));  // closed then
    CHECK(open_at("14:00:59", kNothing).empty());
    CHECK(open_at("14:30:01", kNothing).empty());
    CHECK(open_at("14:20:00", [](json& w) { session(w)["heartbeats"] = json::array(); }).empty());
}

TEST_CASE("it lets in what the order and the allow list let be connected") {
    const auto open = open_at("14:20:00", kNothing);
    REQUIRE(open.size() == 1);
    REQUIRE(open[0].devices.size() == 2);
    CHECK(open[0].devices[0].kind == DeviceKind::storage);
    CHECK(open[0].devices[1].vid == "046d");
    const auto nothing_named = [](json& w) {
        order(w)["devices"] = json::array();
        w["policy"]["allow"] = json::array();
    };
    CHECK(open_at("14:20:00", nothing_named).empty());
    CHECK(open_at("14:20:00", [](json& w) {
              order(w)["devices"][0]["actions"] = {"mount"};
              w["policy"]["allow"] = json::array();
          }).empty());
}

TEST_CASE("a session that one of them did not sign is not open") {
    CHECK(open_at("14:20:00", [](json& w) { session(w)["technician"]["signature"] = "invalid"; }).empty());
    CHECK(open_at("14:20:00", [](json& w) { session(w)["escort"]["signature"] = "invalid"; }).empty());
    CHECK(open_at("14:20:00", [](json& w) { session(w)["technician"]["key"] = "k-nobody"; }).empty());
    CHECK(open_at("14:20:00", [](json& w) { session(w)["escort"]["key"] = "k-tech"; }).empty());
}

TEST_CASE("an order that does not count opens nothing") {
    CHECK(open_at("14:20:00", [](json& w) { order(w)["technicians"] = {"p-req"}; }).empty());
    CHECK(open_at("14:20:00", [](json& w) { order(w)["history"] = json::array(); }).empty());
    CHECK(open_at("14:20:00", [](json& w) { order(w)["issuer"] = "nobody-knows"; }).empty());
    CHECK(open_at("14:20:00", [](json& w) { order(w)["to"] = "2026-03-02T14:10:00Z"; }).empty());
    CHECK(open_at("14:20:00", [](json& w) { order(w)["hosts"] = {"h-b08"}; }).empty());
    CHECK(open_at("14:20:00", [](json& w) { order(w)["id"] = "W-2"; }).empty());
}

TEST_CASE("a session at another host, or of another boot, opens nothing here") {
    CHECK(open_at("14:20:00", kNothing, "h-b08").empty());
    const auto boot = [](json& w) { session(w)["boot_id"] = "b-1"; };
    CHECK(open_at("14:20:00", boot, "h-b07", "b-1").size() == 1);
    CHECK(open_at("14:20:00", boot, "h-b07", "b-2").empty());
}

TEST_CASE("feeds that lag lock nobody out") {
    const auto late = [](json& w) {
        w["orders"]["watermark"] = "2026-03-02T14:00:00Z";
        w["badges"]["feeds"][0]["watermark"] = "2026-03-02T13:00:00Z";
        w["badges"]["rows"] = json::array();
    };
    CHECK(open_at("14:20:00", late).size() == 1);
}
