#include <catch2/catch.hpp>

#include "tests/unit/verifier/judge/accompaniment/world.h"
#include "verifier/judge/accompaniment/verdict/verdict_json.h"

using namespace assay::accompaniment;
using namespace assay::accompaniment::testing;

namespace {

constexpr const char* kLater = "2026-03-02T15:30:00Z";

Millis later() {
    return *parse_instant(kLater);
}

json changed(const std::string& file, const std::string& place, const json& value) {
    auto out = base_world()[file];
    out[json::json_pointer(place)] = value;
    return out;
}

std::string refused(const std::string& file, const json& value, Source source) {
    const auto say = [](const auto& result) { return result ? std::string("read") : result.error().context; };
    if (file == "orders") return say(read_orders(value.dump(), source));
    if (file == "badges") return say(read_badges(value.dump(), source));
    if (file == "sessions") return say(read_sessions(value.dump()));
    if (file == "directory") {
        const auto data = read_directory(value.dump(), source);
        return data ? say(Directory::of(*data)) : data.error().context;
    }
    return say(read_policy(value.dump(), source));
}

// Two versions of the technician: the second has another key, from `kLater` on.
json two_versions() {
    auto out = base_world()["directory"];
    auto& first = out["persons"][0];
    auto second = first;
    first["until"] = kLater;
    second["received_at"] = kLater;
    second["hand"] = "operator:otto";
    second["hands"] = {"operator:ada"};
    second["keys"] = {"k-second"};
    out["persons"].push_back(second);
    return out;
}

}  // namespace

TEST_CASE(
    "an input that does not say when it was received was received at its own time, by a hand of its own") {
    const auto w = base_world();
    const auto orders = *read_orders(w["orders"].dump());
    for (const auto& order : orders.orders) {
        CHECK(order.receipt == Receipt{});
        CHECK_FALSE(order.export_number);
        for (const auto& version : order.versions) CHECK(version.receipt == Receipt{});
    }
    CHECK(orders.exports.empty());
    const auto badges = *read_badges(w["badges"].dump());
    for (const auto& row : badges.rows) CHECK(row.receipt == Receipt{});
    const auto directory = *read_directory(w["directory"].dump());
    for (const auto& person : directory.persons) CHECK(person.known == Known{});
    CHECK(Directory::of(directory)->newest_receipt() == kAtItsOwnTime);
    const auto sessions = *read_sessions(w["sessions"].dump());
    CHECK(sessions.sessions.at(0).escort.received_at == kAtItsOwnTime);
    CHECK_FALSE(sessions.sessions.at(0).escort.posted);
    CHECK_FALSE(sessions.sessions.at(0).unlisted);
    CHECK_FALSE(read_policy(w["policy"].dump())->single_handed);
    CHECK(in_time(Receipt{}, 0));
}

TEST_CASE("receipt and hand of an order, of each of its changes, and exports are read") {
    auto file = changed("orders", "/orders/0/received_at", "2026-03-01T09:00:05Z");
    file["orders"][0]["hand"] = "feed:jira";
    file["orders"][0]["export"] = 40;
    file["orders"][0]["history"] = json::array({{{"at", "2026-03-01T10:00:00Z"},
                                                 {"by", "p-boss"},
                                                 {"field", "state"},
                                                 {"old", "draft"},
                                                 {"new", "approved"},
                                                 {"received_at", kLater},
                                                 {"hand", "operator:otto"}}});
    file["exports"] = json::array({{{"hand", "feed:jira"}, {"number", 41}, {"received_at", kLater}},
                                   {{"hand", "feed:jira"}, {"number", 40}, {"received_at", kLater}}});
    const auto read = read_orders(file.dump());
    REQUIRE(read);
    const auto& order = read->orders.at(0);
    CHECK(order.receipt == Receipt{*parse_instant("2026-03-01T09:00:05Z"), "feed:jira"});
    CHECK(order.export_number == 40);
    REQUIRE(order.versions.size() == 2);
    CHECK(order.versions[0].receipt == order.receipt);
    CHECK(order.versions[1].receipt == Receipt{later(), "operator:otto"});
    REQUIRE(read->exports.size() == 2);
    CHECK(read->exports[0] == OrderExport{"feed:jira", 40, later()});
    file["exports"][0]["number"] = 40;
    CHECK(refused("orders", file, Source::case_file).find("got 40 of feed:jira twice") != std::string::npos);
}

TEST_CASE("a version of two changes at once is received with the later of them") {
    json change{{"at", "2026-03-01T10:00:00Z"},
                {"by", "p-boss"},
                {"field", "state"},
                {"old", "draft"},
                {"new", "approved"}};
    auto other = change;
    other["field"] = "remote_media";
    other["old"] = other["new"] = false;
    for (auto* one : {&change, &other}) {
        (*one)["received_at"] = kLater;
        (*one)["hand"] = "operator:otto";
        const auto file = changed("orders", "/orders/0/history", json::array({change, other}));
        CHECK(read_orders(file.dump())->orders[0].versions.back().receipt ==
              Receipt{later(), "operator:otto"});
        one->erase("received_at");
        one->erase("hand");
    }
}

TEST_CASE("receipt and hand of a badge row, and the watermarks that a feed has passed, are read") {
    auto file = changed("badges", "/rows/0/received_at", kLater);
    file["rows"][0]["hand"] = "feed:doors";
    file["rows"][0]["recorded_at"] = "2026-03-02T13:50:09Z";
    file["feeds"][0]["passed"] =
        json::array({{{"received_at", kLater}, {"watermark", "2026-03-02T14:00:00Z"}},
                     {{"received_at", kLater}, {"watermark", "2026-03-02T14:30:00Z"}}});
    const auto read = read_badges(file.dump());
    REQUIRE(read);
    CHECK(read->rows[0].receipt == Receipt{later(), "feed:doors"});
    REQUIRE(read->feeds[0].passed.size() == 2);
    CHECK(read->feeds[0].passed[1] == PassedWatermark{later(), *parse_instant("2026-03-02T14:30:00Z")});
    file["feeds"][0]["passed"][1]["watermark"] = "2026-03-02T13:59:59Z";
    CHECK(refused("badges", file, Source::case_file)
              .find("/feeds/0/passed/1/watermark: expected a time not before") != std::string::npos);
}

TEST_CASE("a signature says when it was received and that it was posted; a session that it is unlisted") {
    auto file = changed("sessions", "/sessions/0/unlisted", true);
    file["sessions"][0]["escort"]["received_at"] = kLater;
    file["sessions"][0]["escort"]["posted"] = true;
    const auto read = read_sessions(file.dump());
    REQUIRE(read);
    CHECK(read->sessions[0].unlisted);
    CHECK(read->sessions[0].escort.received_at == later());
    CHECK(read->sessions[0].escort.posted);
    CHECK_FALSE(read->sessions[0].technician.posted);
    file["sessions"][0]["escort"]["posted"] = 1;
    CHECK(refused("sessions", file, Source::case_file)
              .find("/sessions/0/escort/posted: expected true or false") != std::string::npos);
}

TEST_CASE("an issuer of a policy is a text, or an object that says how long its batches take") {
    const auto read = read_policy(
        R"({"issuers":["a",{"id":"b","batch_s":3600}],"hands":"single","exceptions":[{"order":"W-1","reason":"ISSUER","text":"t","approved_by":"p","from":"2026-03-02T14:00:00Z","to":"2026-03-02T15:00:00Z","signature":"valid","received_at":"2026-03-02T15:30:00Z"}]})");
    REQUIRE(read);
    CHECK(read->issuers == std::vector<AllowedIssuer>{{"a", 0}, {"b", 3'600'000}});
    CHECK(read->single_handed);
    CHECK(read->exceptions.at(0).received_at == later());
    for (const auto& [issuers, wanted] : std::vector<std::pair<json, std::string>>{
             {{{{"id", "b"}, {"batch_s", 3601}}}, "/issuers/0/batch_s: expected an integer from 0 to 3600"},
             {{{{"batch_s", 60}}}, "the member \"id\" is missing"},
             {{7}, "/issuers/0: expected a text"},
             {{""}, "/issuers/0: expected a text"},
             {{{{"id", "b"}, {"batch", 1}}}, "the member \"batch\" is not known"}}) {
        const auto got = refused("policy", json{{"issuers", issuers}}, Source::case_file);
        INFO(got);
        CHECK(got.find(wanted) != std::string::npos);
    }
    CHECK(
        refused("policy", json{{"hands", "both"}}, Source::case_file).find("expected one of split, single") !=
        std::string::npos);
}

TEST_CASE("versions of one person follow one another: each is known from its receipt until its end") {
    const auto directory = Directory::of(*read_directory(two_versions().dump()));
    REQUIRE(directory);
    const auto id = base_world()["directory"]["persons"][0]["id"].get<std::string>();
    const auto key = base_world()["directory"]["persons"][0]["keys"][0].get<std::string>();
    CHECK(directory->person(id)->keys == std::vector<std::string>{"k-second"});
    CHECK(directory->person(id, later())->known.hands == std::vector<std::string>{"operator:ada"});
    CHECK(directory->person(id, later() - 1)->keys.front() == key);
    CHECK(directory->holders_of_key("k-second") == std::vector<std::string>{id});
    CHECK(directory->holders_of_key("k-second", later() - 1).empty());
    CHECK(directory->holders_of_key(key).empty());
    CHECK(directory->holders_of_key(key, later() - 1) == std::vector<std::string>{id});
    CHECK(directory->newest_receipt() == later());
}

TEST_CASE("two versions of one element at a time are refused by name") {
    auto file = two_versions();
    file["persons"][0]["until"] = "2026-03-02T15:30:00.001Z";
    const auto got = refused("directory", file, Source::case_file);
    INFO(got);
    CHECK(got.find("at a time, got two from 2026-03-02T15:30:00Z") != std::string::npos);
    auto ended = two_versions();
    ended["persons"].back()["until"] = kLater;
    CHECK(refused("directory", ended, Source::case_file).find("until: expected a time after") !=
          std::string::npos);
}

TEST_CASE("whose a hand is stands in the directory, once") {
    auto file = base_world()["directory"];
    file["hands"] = json::array({{{"id", "operator:otto"}, {"person", "p-otto"}}});
    CHECK(Directory::of(*read_directory(file.dump()))->person_of_hand("operator:otto") == "p-otto");
    CHECK(Directory::of(*read_directory(file.dump()))->person_of_hand("operator:ada").empty());
    file["hands"].push_back(file["hands"][0]);
    CHECK(refused("directory", file, Source::case_file).find("operator:otto") != std::string::npos);
}

TEST_CASE("what somebody imports cannot say when it was received, or by whose hand") {
    for (const auto& [file, place, value] : std::vector<std::tuple<std::string, std::string, json>>{
             {"orders", "/orders/0/received_at", kLater},
             {"orders", "/orders/0/hand", "feed:jira"},
             {"orders", "/orders/0/export", 1},
             {"orders", "/orders/0/history/0/received_at", kLater},
             {"orders", "/exports", json::array()},
             {"badges", "/rows/0/received_at", kLater},
             {"badges", "/rows/0/hand", "feed:doors"},
             {"badges", "/feeds/0/passed", json::array()},
             {"directory", "/persons/0/received_at", kLater},
             {"directory", "/persons/0/hands", json::array()},
             {"directory", "/persons/0/until", kLater},
             {"directory", "/hosts/0/hand", "operator:otto"},
             {"directory", "/entities/0/received_at", kLater},
             {"directory", "/issuers/0/received_at", kLater},
             {"directory", "/hands", json::array()}}) {
        INFO(place);
        const auto got = refused(file, changed(file, place, value), Source::import);
        INFO(got);
        CHECK(got.find(place + ": expected no such member") != std::string::npos);
        CHECK(refused(file, base_world()[file], Source::import) == "read");
        CHECK(refused(file, changed(file, place, value), Source::case_file) == "read");
    }
}

TEST_CASE("a verdict tells hands, receipts, a sole word and what it was before only where there are such") {
    Verdict verdict;
    verdict.inputs = {{"order", "W-1", ""}};
    const auto plain = json::parse(to_json(verdict).dump());
    CHECK_FALSE(plain.contains("sole_word"));
    CHECK_FALSE(plain.contains("improved"));
    CHECK(plain["inputs"][0] == json{{"kind", "order"}, {"id", "W-1"}, {"sha256", ""}});
    verdict.inputs[0].hand = "operator:otto";
    verdict.inputs[0].received_at = later();
    verdict.sole_word = {"p-otto"};
    verdict.improved = Improved{.version = 3,
                                .outcome = Outcome::unaccompanied,
                                .row = 5,
                                .severity = Severity::high,
                                .at = later(),
                                .inputs = verdict.inputs};
    const auto told = json::parse(to_json(verdict).dump());
    CHECK(told["inputs"][0]["hand"] == "operator:otto");
    CHECK(told["inputs"][0]["received_at"] == kLater);
    CHECK(told["sole_word"] == json{"p-otto"});
    CHECK(told["improved"]["outcome"] == "UNACCOMPANIED");
    CHECK(told["improved"]["version"] == 3);
    CHECK(told["improved"]["inputs"] == told["inputs"]);
}
