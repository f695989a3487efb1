#include "verifier/service/casework/directory_change.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "verifier/service/casework/directory_history.h"

using namespace assay;
using namespace assay::api::site;
using nlohmann::json;

namespace {

json world() {
    return {{"zones", {{{"id", "room-1"}, {"kind", "room"}}}},
            {"persons",
             {{{"id", "p-esc"},
               {"keys", {"k-1", "k-2"}},
               {"credentials", {"b-esc"}},
               {"escort_zones", {"room-1"}}},
              {{"id", "p-tech"}, {"employer", "vendor"}, {"escort_ratio", 3}}}},
            {"hosts", {{{"id", "h-1"}, {"zone", "room-1"}}}},
            {"entities", {{{"id", "vendor"}, {"approved", true}, {"owners", {"parent"}}}}},
            {"issuers", {{{"id", "dc-ops"}}}}};
}

struct Change {
    const char* what;
    void (*make)(json&);
};

std::string day(std::int64_t number) {
    return "1970-01-0" + std::to_string(number) + "T00:00:00Z";
}

// Each number comes on the day of that number.
struct Days {
    DirectoryHistory history;
    DirectoryReceipts receipts;

    void add(json directory, std::vector<std::string> hands, bool narrowed = false, bool same_day = false) {
        constexpr std::int64_t kDay = 86'400'000;
        const auto number = history.newest() + 1;
        history.add(number, std::move(directory));
        receipts[number] = {(number - (same_day ? 2 : 1)) * kDay, std::move(hands), narrowed};
        // As it is kept, it goes on the same.
        history = DirectoryHistory::of(json::parse(history.stored().dump()));
    }
    json list(const char* name) const { return history.document(receipts).at(name); }
};

}  // namespace

TEST_CASE("what only takes away one keeper may do") {
    const auto change = GENERATE(values<Change>({
        {"a person", [](json& d) { d["persons"].erase(1); }},
        {"a key", [](json& d) { d["persons"][0]["keys"] = {"k-2"}; }},
        {"the only badge", [](json& d) { d["persons"][0].erase("credentials"); }},
        {"a right", [](json& d) { d["persons"][0]["escort_zones"] = json::array(); }},
        {"a ratio", [](json& d) { d["persons"][1]["escort_ratio"] = 2; }},
        {"a host's service", [](json& d) { d["hosts"][0]["in_service"] = false; }},
        {"an approval", [](json& d) { d["entities"][0]["approved"] = false; }},
        {"an owner's silence", [](json& d) { d["entities"][0]["owners"].push_back("abroad"); }},
        {"an issuer", [](json& d) { d["issuers"].clear(); }},
    }));
    auto after = world();
    change.make(after);
    INFO(change.what);
    const auto made = change_of(world(), after);
    CHECK(made.only_takes_away);
    CHECK(made.words.size() == 1);
    // And back it takes two.
    CHECK_FALSE(change_of(after, world()).only_takes_away);
}

TEST_CASE("whatever gives, or may give, takes two keepers") {
    const auto change = GENERATE(values<Change>({
        {"a person", [](json& d) { d["persons"].push_back({{"id", "p-new"}}); }},
        {"another key", [](json& d) { d["persons"][0]["keys"] = {"k-1", "k-3"}; }},
        {"a badge", [](json& d) { d["persons"][1]["credentials"] = {"b-1"}; }},
        {"no ratio", [](json& d) { d["persons"][1].erase("escort_ratio"); }},
        {"another employer", [](json& d) { d["persons"][1]["employer"] = "us"; }},
        {"a host elsewhere", [](json& d) { d["hosts"][0]["zone"] = "room-2"; }},
        {"no host", [](json& d) { d["hosts"].clear(); }},
        {"fewer owners", [](json& d) { d["entities"][0]["owners"] = json::array(); }},
        {"no decision", [](json& d) { d["entities"][0].erase("approved"); }},
        {"a zone", [](json& d) { d["zones"].clear(); }},
        {"changes of rights", [](json& d) { d["rights_changes"] = json::array({{{"person", "p-esc"}}}); }},
        {"a key less and a person more",
         [](json& d) {
             d["persons"][0]["keys"] = {"k-2"};
             d["persons"].push_back({{"id", "p-new"}});
         }},
    }));
    auto after = world();
    change.make(after);
    INFO(change.what);
    CHECK_FALSE(change_of(world(), after).only_takes_away);
    CHECK_FALSE(change_of(json::object(), world()).only_takes_away);
}

TEST_CASE("the words of a change have ids and members, and no names") {
    auto after = world();
    after["persons"][0]["name"] = "Esther";
    after["persons"][0]["keys"] = {"k-9"};
    after["persons"].erase(1);
    CHECK(change_of(world(), after).words ==
          std::vector<std::string>{"persons: changes p-esc (keys, name)", "persons: removes p-tech"});
    CHECK(change_of(world(), world()).words.empty());
}

TEST_CASE("an element's version lasts while it is the same, and begins with the receipt of what changed it") {
    Days days;
    days.add(world(), {"operator:karl", "operator:kim"});
    auto second = world();
    second["persons"][0]["keys"] = {"k-1", "k-2", "k-3"};
    days.add(second, {"operator:kim", "operator:karl"});
    second["persons"].erase(1);
    days.add(second, {"operator:karl"}, true);
    const auto persons = days.list("persons");
    REQUIRE(persons.size() == 3);
    CHECK(persons[0].at("until") == day(2));
    CHECK(persons[0].at("hand") == "operator:karl");
    CHECK(persons[0].at("hands") == json{"operator:kim"});
    CHECK(persons[1].at("id") == "p-tech");
    CHECK(persons[1].at("until") == day(3));
    CHECK(persons[2].at("received_at") == day(2));
    CHECK(persons[2].at("hand") == "operator:kim");
    CHECK_FALSE(persons[2].contains("until"));
    CHECK(days.list("hosts").size() == 1);
}

TEST_CASE("what is narrowed still stands on who brought it") {
    Days days;
    days.add(world(), {"operator:karl", "operator:kim"});
    auto less = world();
    less["persons"][0]["keys"] = {"k-1"};
    days.add(less, {"operator:nell"}, true);
    const auto persons = days.list("persons");
    CHECK(persons.back().at("hand") == "operator:nell");
    CHECK(persons.back().at("hands") == json{"operator:karl", "operator:kim"});
}

TEST_CASE("a change of rights that any version told is never forgotten") {
    Days days;
    auto told = world();
    told["rights_changes"] = json::array({{{"person", "p-esc"}, {"by", "p-boss"}}});
    days.add(told, {"operator:karl"});
    days.add(world(), {"operator:karl"});
    CHECK(days.list("rights_changes").size() == 1);
}

TEST_CASE("of two versions in one moment the first was never seen") {
    Days days;
    days.add(json::object(), {"operator:karl"});
    days.add(world(), {"operator:karl"});
    days.add(json::object(), {"operator:karl"}, false, true);
    CHECK(days.list("persons").empty());
}
