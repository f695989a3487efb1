#include <catch2/catch.hpp>

#include "tests/unit/verifier/judge/accompaniment/world.h"

using namespace assay::accompaniment;
using namespace assay::accompaniment::testing;

namespace {

std::string complaint(const std::string& file, const json& value) {
    const auto say = [](const auto& result) { return result ? std::string("read") : result.error().context; };
    if (file == "events") return say(read_events(value.dump()));
    if (file == "orders") return say(read_orders(value.dump()));
    if (file == "badges") return say(read_badges(value.dump()));
    if (file == "sessions") return say(read_sessions(value.dump()));
    if (file == "directory") return say(read_directory(value.dump()));
    if (file == "policy") return say(read_policy(value.dump()));
    return say(read_now(value.dump()));
}

WorkOrder order_with(const json& changes) {
    auto value = base_world()["orders"]["orders"][0];
    value.update(changes);
    return *read_order(value.dump(), "");
}

}  // namespace

TEST_CASE("an instant is read with its offset, to the millisecond, and written in UTC") {
    CHECK(*parse_instant("1970-01-01T00:00:00Z") == 0);
    CHECK(*parse_instant("2026-03-02T15:07:00.250+01:00") == *parse_instant("2026-03-02T14:07:00.250Z"));
    CHECK(*parse_instant("2026-03-02T14:07:00-05:30") == *parse_instant("2026-03-02T19:37:00Z"));
    CHECK(*parse_instant("2026-03-02 14:07:00Z") == *parse_instant("2026-03-02T14:07:00Z"));
    CHECK(*parse_instant("2026-03-02T14:07:00.123456789Z") % 1000 == 123);
    CHECK(instant_text(*parse_instant("2026-03-02T15:07:00.250+01:00")) == "2026-03-02T14:07:00.250Z");
    CHECK(instant_text(*parse_instant("9999-12-31T23:59:59Z")) == "9999-12-31T23:59:59Z");
}

TEST_CASE("the hour that daylight saving repeats is two hours, by their offsets") {
    const auto summer = *parse_instant("2026-10-25T02:30:00+02:00");
    const auto winter = *parse_instant("2026-10-25T02:30:00+01:00");
    CHECK(winter - summer == 3'600'000);
    CHECK(*parse_instant("2026-03-29T03:00:00+02:00") - *parse_instant("2026-03-29T01:59:59+01:00") == 1000);
}

TEST_CASE("leap days are days, and days that are none are refused") {
    CHECK(parse_instant("2028-02-29T00:00:00Z"));
    CHECK(parse_instant("2000-02-29T00:00:00Z"));
    CHECK_FALSE(parse_instant("2026-02-29T00:00:00Z"));
    CHECK_FALSE(parse_instant("2100-02-29T00:00:00Z"));
    CHECK(*parse_instant("2028-03-01T00:00:00Z") - *parse_instant("2028-02-28T00:00:00Z") == 2 * 86'400'000);
}

TEST_CASE("what is no instant is refused and shown") {
    for (const auto* text : {"",
                             "now",
                             "2026-03-02",
                             "2026-03-02T14:07:00",
                             "2026-03-02T14:07Z",
                             "2026-03-02T24:00:00Z",
                             "2026-03-02T14:60:00Z",
                             "2026-03-02T14:07:60Z",
                             "2026-13-02T14:07:00Z",
                             "2026-00-02T14:07:00Z",
                             "2026-03-32T14:07:00Z",
                             "1969-12-31T23:59:59Z",
                             "2026-03-02T14:07:00+1:00",
                             "2026-03-02T14:07:00.000+0000",
                             "2026-03-02T14:07:00+24:00",
                             "2026-03-02T14:07:00.Z",
                             "2026-03-02T14:07:00Z ",
                             " 2026-03-02T14:07:00Z",
                             "2026-03-02T14:07:00.1234567890Z",
                             "2026-03-02t14:07:00z",
                             "+026-03-02T14:07:00Z",
                             "2026-03-02T14:07:00ZZ"}) {
        INFO(text);
        const auto at = parse_instant(text);
        REQUIRE_FALSE(at);
        CHECK(at.error().context.find("expected a time with its offset") != std::string::npos);
    }
}

TEST_CASE("every complaint of a file names the place, what is expected there and what was got") {
    const auto w = base_world();
    for (const auto& [file, place, value, wanted] :
         std::vector<std::tuple<std::string, std::string, json, std::string>>{
             {"events", "/events/0/at", "2026-03-02T14:07:00",
              "/events/0/at: expected a time with its offset, as \"2026-03-02T14:07:00Z\", got "},
             {"events", "/events/0/device/vid", "781",
              "/events/0/device/vid: expected 4 hex digits in lower case, got \"781\""},
             {"events",
              "/events/0/device/interfaces",
              {"laser"},
              "/events/0/device/interfaces: expected a list of storage, hid"},
             {"events", "/events/0/clock_bound_ms", -1,
              "/events/0/clock_bound_ms: expected an integer from 0"},
             {"events", "/events/0/mounted", "yes", "/events/0/mounted: expected true or false, got \"yes\""},
             {"events", "/events/0/colour", "red", "/events/0: the member \"colour\" is not known"},
             {"events", "/events/1/id", "e1", "is there twice"},
             {"orders", "/watermark", nullptr, "the member \"watermark\" is missing"},
             {"orders", "/orders/0/to", "2026-03-01T00:00:00Z",
              "/orders/0/to: expected a time not before \"from\", got \"2026-03-01T00:00:00Z\""},
             {"orders", "/orders/0/history/0/field", "colour",
              "/orders/0/history/0/field: expected a field of the order"},
             {"orders", "/orders/0/devices/0", json::object(),
              "/devices/0: expected a serial, descriptors_sha256"},
             {"orders", "/orders/0/hosts", {1}, "/orders/0/hosts"},
             {"badges", "/rows/0/credential", "",
              "/rows/0/person: expected a person or a credential, got nothing"},
             {"badges", "/rows/0/direction", "up",
              "/rows/0/direction: expected one of in, out, unknown, got \"up\""},
             {"badges", "/rows/0/occurred_from", "2026-03-02T14:07:00Z",
              "/rows/0/occurred_at: expected either"},
             {"sessions", "/sessions/0/escort/signature", "maybe",
              "/sessions/0/escort/signature: expected one of valid, invalid, got \"maybe\""},
             {"sessions", "/sessions/0/closed_at", "2026-03-02T14:00:00Z",
              "/sessions/0/closed_at: expected a time not before \"opened_at\""},
             {"directory", "/zones/0/kind", "planet", "/zones/0/kind: expected one of site, building"},
             {"directory", "/persons/0/id", std::string(1025, 'x'),
              "/persons/0/id: expected a text of 1 to 1024 bytes, got \"xxx"},
             {"policy", "/delta_s", 1.5, "/delta_s: expected an integer from 0"},
             {"now", "/now", 5, "/now: expected a time with its offset"}}) {
        auto changed = w[file];
        changed[json::json_pointer(place)] = value;
        INFO(place << ": " << complaint(file, changed));
        CHECK(complaint(file, changed).find(wanted) != std::string::npos);
        CHECK(complaint(file, w[file]) == "read");
    }
}

TEST_CASE("an order is rebuilt from what it says now and its history") {
    const auto order = order_with({{"hosts", {"h-1", "h-2"}},
                                   {"history",
                                    {{{"at", "2026-03-01T12:00:00Z"},
                                      {"by", "p-a"},
                                      {"field", "hosts"},
                                      {"old", {"h-1"}},
                                      {"new", {"h-1", "h-2"}}},
                                     {{"at", "2026-03-01T10:00:00Z"},
                                      {"by", "p-boss"},
                                      {"field", "state"},
                                      {"old", "draft"},
                                      {"new", "approved"}}}}});
    CHECK(order.contradiction.empty());
    REQUIRE(order.versions.size() == 3);
    CHECK(order.versions[0].fields.state == "draft");
    CHECK(order.versions[0].fields.hosts == std::vector<std::string>{"h-1"});
    CHECK(order.versions[1].changed == std::vector<std::string>{"state"});
    CHECK(order.versions[1].by == "p-boss");
    CHECK(order.versions[2].changed == std::vector<std::string>{"hosts"});
    CHECK(order.versions[2].fields.hosts.size() == 2);
    CHECK(order.versions[0].digest != order.versions[1].digest);
    CHECK(version_at(order, order.created_at - 1) == nullptr);
    CHECK(version_at(order, *parse_instant("2026-03-01T11:00:00Z")) == &order.versions[1]);
}

TEST_CASE("an order whose history does not lead to what it says, or began before it, contradicts itself") {
    const json approval{{"at", "2026-03-01T10:00:00Z"},
                        {"by", "p-boss"},
                        {"field", "state"},
                        {"old", "draft"},
                        {"new", "approved"}};
    CHECK(order_with({{"history", {approval}}}).contradiction.empty());
    CHECK(order_with({{"state", "closed"}, {"history", {approval}}}).contradiction.find("state") !=
          std::string::npos);
    auto early = approval;
    early["at"] = "2026-02-01T10:00:00Z";
    CHECK(order_with({{"history", {early}}}).contradiction.find("before the order was created") !=
          std::string::npos);
}

TEST_CASE("one instant written in two ways is one value of the window") {
    CHECK(order_with({{"from", "2026-03-02T15:00:00+01:00"}}).versions.back().digest ==
          order_with(json::object()).versions.back().digest);
}

TEST_CASE("a badge row that was sent twice is one row") {
    auto badges = base_world()["badges"];
    const auto rows = badges["rows"].size();
    badges["rows"].push_back(badges["rows"][0]);
    CHECK(read_badges(badges.dump())->rows.size() == rows);
}

TEST_CASE("zones in a circle, a host in a zone that is not there and an id given twice are refused by name") {
    const auto refused = [](const auto& change) {
        auto value = base_world()["directory"];
        change(value);
        const auto directory = Directory::of(*read_directory(value.dump()));
        return directory ? std::string("taken") : directory.error().context;
    };
    CHECK(refused([](json&) {}) == "taken");
    CHECK(refused([](json& w) { w["zones"][0]["parent"] = "room-1"; }).find("circle") != std::string::npos);
    CHECK(refused([](json& w) { w["hosts"][0]["zone"] = "moon"; }).find("moon") != std::string::npos);
    CHECK(refused([](json& w) { w["persons"].push_back(w["persons"][0]); }).find("p-tech") !=
          std::string::npos);
}

TEST_CASE(
    "an order says which changes it is about; one that says nothing of them has the digest that it had") {
    const auto without = order_with(json::object()).versions.back();
    CHECK(without.fields.changes.empty());
    const json change{{"what", "firmware"}, {"component", "bios"}, {"to", "2.20"}};
    const auto with = order_with({{"changes", json::array({change})}}).versions.back();
    REQUIRE(with.fields.changes.size() == 1);
    CHECK(with.fields.changes[0] == PlannedChange{.what = "firmware", .component = "bios", .to = "2.20"});
    CHECK(with.digest != without.digest);
    auto file = base_world()["orders"];
    file["orders"][0]["changes"] = json::array({{{"what", "furniture"}}});
    CHECK(complaint("orders", file).find("firmware, part, boot, keys or section") != std::string::npos);
}

TEST_CASE(
    "what is imported names nothing by a number that a spreadsheet made, and what was stored is still read") {
    const auto* const lost = "8.93901E+18";
    auto order = base_world()["orders"]["orders"][0];
    const auto says = [](const auto& read) { return read ? std::string("read") : read.error().context; };
    const auto orders = [&](const json& changes, Source source) {
        auto value = order;
        value.update(changes);
        return says(read_order(value.dump(), "", source));
    };
    REQUIRE(orders(json::object(), Source::import) == "read");
    for (const auto& [key, value] : std::vector<std::pair<std::string, json>>{
             {"devices", json::array({{{"serial", lost}}})},
             {"changes", json::array({{{"what", "part"}, {"serial", lost}}})},
             {"hosts", json::array({lost})},
             {"technicians", json::array({lost})},
             {"id", lost}}) {
        const auto said = orders({{key, value}}, Source::import);
        INFO(key << ": " << said);
        CHECK(said.find(lost) != std::string::npos);
        CHECK(said.starts_with("/" + key));
        CHECK(orders({{key, value}}, Source::case_file) == "read");
    }
    CHECK(orders({{"devices", json::array({{{"serial", "893E16"}}})}}, Source::import) == "read");
    const json row{
        {"source", "s"}, {"event_id", "1"}, {"credential", "7"}, {"occurred_at", "2026-03-02T14:07:00Z"}};
    REQUIRE(says(read_badge_row(row.dump(), "", Source::import)) == "read");
    for (const auto* key : {"event_id", "person", "credential", "reader", "controller"}) {
        auto odd = row;
        odd[key] = lost;
        CHECK(says(read_badge_row(odd.dump(), "", Source::import)).starts_with(std::string("/") + key));
        CHECK(says(read_badge_row(odd.dump(), "")) == "read");
    }
    const json people{{"persons", json::array({{{"id", "p"}, {"credentials", {"0012345", lost}}}})}};
    CHECK(says(read_directory(people.dump(), Source::import)).starts_with("/persons/0/credentials"));
    CHECK(says(read_directory(people.dump())) == "read");
}
