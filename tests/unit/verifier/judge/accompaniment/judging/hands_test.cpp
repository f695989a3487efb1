#include "verifier/judge/accompaniment/judging/hands.h"

#include <catch2/catch.hpp>

#include "tests/unit/verifier/judge/accompaniment/world.h"

using namespace assay::accompaniment;
using namespace assay::accompaniment::testing;

namespace {

const std::string kOtto = "operator:otto";
const std::string kAda = "operator:ada";

json& person_in(json& w, const std::string& id) {
    auto& persons = w["directory"]["persons"];
    return *std::find_if(persons.begin(), persons.end(), [&](const json& one) { return one["id"] == id; });
}

void by(json& one, const std::string& hand, const std::string& time = "2026-03-01T12:00:00Z") {
    one["received_at"] = time;
    one["hand"] = hand;
}

// The base world's event, its order, both persons, their session and badge-ins.
template <typename Ask>
auto asked_of(const json& w, Ask&& ask) {
    const auto world = *read_world(w);
    const auto& knowledge = *world.knowledge;
    const auto& session = knowledge.sessions().data().sessions.front();
    const auto at = *parse_instant("2026-03-02T14:07:00Z");
    const Basis basis{.order = *knowledge.orders().order("W-1"),
                      .span = {at, at},
                      .as_of = at,
                      .zone = "room-1",
                      .technician = "p-tech",
                      .escort = "p-esc",
                      .signatures = {&session.technician, &session.escort},
                      .rows = {0, 1}};
    return ask(basis, knowledge);
}

// Who stands behind two sides, by name.
std::vector<std::string> soles(const json& w) {
    return asked_of(w, [](const Basis& basis, const Knowledge& knowledge) {
        std::vector<std::string> out;
        for (const auto& sole : sole_hands(basis, knowledge)) out.push_back(sole.who);
        return out;
    });
}

// The entry as `kAda` delivered it first; `kOtto` delivered what it is since, and the order.
json entry_in_two_versions(const std::string& person, const json& before, bool gap = false) {
    auto w = base_world();
    by(w["orders"]["orders"][0], kOtto);
    auto old = person_in(w, person);
    old.update(before);
    by(old, kAda, "2026-02-01T12:00:00Z");
    old["until"] = gap ? "2026-02-27T12:00:00Z" : "2026-03-01T12:00:00Z";
    by(person_in(w, person), kOtto);
    w["directory"]["persons"].push_back(old);
    return w;
}

const std::vector<std::string> kNone;
const std::vector<std::string> kOttoAlone = {kOtto};

}  // namespace

TEST_CASE("one hand behind the order and an entry is told with both; two hands are nobody's") {
    auto w = base_world();
    by(w["orders"]["orders"][0], kOtto);
    CHECK(soles(w) == kNone);
    by(person_in(w, "p-esc"), kAda);
    CHECK(soles(w) == kNone);
    by(person_in(w, "p-esc"), kOtto);
    CHECK(soles(w) == kOttoAlone);
    const auto text = asked_of(w, [](const Basis& basis, const Knowledge& knowledge) {
        return sole_hands(basis, knowledge).front().text;
    });
    CHECK(text == "operator:otto entered p-esc and delivered order W-1");
}

TEST_CASE("who only renamed an entry did not bring it; who brought what was used did") {
    CHECK(soles(entry_in_two_versions("p-esc", {{"name", "E."}})) == kNone);
    CHECK(soles(entry_in_two_versions("p-esc", {{"keys", json::array()}})) == kOttoAlone);
    CHECK(soles(entry_in_two_versions("p-esc", {{"keys", {"k-other"}}})) == kOttoAlone);
    CHECK(soles(entry_in_two_versions("p-esc", {{"credentials", json::array()}})) == kOttoAlone);
    CHECK(soles(entry_in_two_versions("p-esc", {{"escort_zones", json::array()}})) == kOttoAlone);
    CHECK(soles(entry_in_two_versions("p-esc", {{"unescorted_zones", json::array()}})) == kOttoAlone);
    // A key that was not used; the rights of a technician.
    CHECK(soles(entry_in_two_versions("p-tech", {{"keys", {"k-tech"}}})) == kNone);
    CHECK(soles(entry_in_two_versions("p-tech", {{"keys", {"k-tech-second"}}})) == kOttoAlone);
    CHECK(soles(entry_in_two_versions("p-tech", {{"escort_zones", {"site-1"}}})) == kNone);
}

TEST_CASE("an entry that was away between its versions was brought by the last") {
    CHECK(soles(entry_in_two_versions("p-esc", {{"name", "E."}}, true)) == kOttoAlone);
}

TEST_CASE("who approved an entry stands behind it as who proposed it") {
    auto w = base_world();
    by(w["orders"]["orders"][0], kOtto);
    by(person_in(w, "p-esc"), kAda);
    person_in(w, "p-esc")["hands"] = {"operator:cleo"};
    CHECK(soles(w) == kNone);
    person_in(w, "p-esc")["hands"] = {kOtto};
    CHECK(soles(w) == kOttoAlone);
}

TEST_CASE("behind an order stand its first delivery and its changes up to the approval") {
    const auto changed_by = [](const std::string& creation, const std::string& approval,
                               const std::string& progress) {
        auto w = base_world();
        by(person_in(w, "p-esc"), kOtto);
        auto& order = w["orders"]["orders"][0];
        by(order, creation);
        by(order["history"][0], approval);
        order["history"].push_back({{"at", "2026-03-02T12:00:00Z"},
                                    {"by", "p-boss"},
                                    {"field", "state"},
                                    {"old", "approved"},
                                    {"new", "in_progress"}});
        order["state"] = "in_progress";
        by(order["history"][1], progress);
        return soles(w);
    };
    CHECK(changed_by(kAda, kAda, kAda) == kNone);
    CHECK(changed_by(kOtto, kAda, kAda) == kOttoAlone);
    CHECK(changed_by(kAda, kOtto, kAda) == kOttoAlone);
    CHECK(changed_by(kAda, kAda, kOtto) == kNone);  // that work began approves nothing
}

TEST_CASE("behind a badge row stands its hand, and of rows alone those that make them present") {
    auto w = base_world();
    by(w["orders"]["orders"][0], kOtto);
    by(w["badges"]["rows"][2], kOtto);
    CHECK(soles(w) == kNone);
    by(w["badges"]["rows"][1], kOtto);
    CHECK(soles(w) == kOttoAlone);
}

TEST_CASE("two hands of one person are that person, also as the signer") {
    auto w = base_world();
    by(w["orders"]["orders"][0], kOtto);
    by(w["badges"]["rows"][1], kAda);
    const auto is_of = [&](const std::string& otto, const std::string& ada) {
        w["directory"]["hands"] = {{{"id", kOtto}, {"person", otto}}, {{"id", kAda}, {"person", ada}}};
        return soles(w);
    };
    CHECK(is_of("p-boss", "p-ciso") == kNone);
    CHECK(is_of("p-boss", "p-boss") == std::vector<std::string>{"p-boss"});
    CHECK(is_of("p-esc", "p-ciso") == std::vector<std::string>{"p-esc"});
    // The technician's signature is not what vouches where somebody escorts.
    CHECK(is_of("p-tech", "p-ciso") == kNone);
}

TEST_CASE("what was delivered is listed with its hand; what says nothing of it is not") {
    const auto listed = [](const json& w) {
        return asked_of(w, [](const Basis& basis, const Knowledge& knowledge) {
            std::vector<std::string> out;
            for (const auto& input : delivered(basis, knowledge))
                out.push_back(fmt::format("{} {} {}", input.kind, input.id, input.hand));
            return out;
        });
    };
    auto w = base_world();
    CHECK(listed(w).empty());
    by(person_in(w, "p-esc"), kOtto);
    person_in(w, "p-esc")["hands"] = {kAda};
    by(w["orders"]["orders"][0]["history"][0], kAda);
    std::vector<std::string> all = {"order W-1 operator:ada", "person p-esc operator:ada",
                                    "person p-esc operator:otto"};
    CHECK(listed(w) == all);
    // A change after the event decides, too: it may refuse the order.
    auto& order = w["orders"]["orders"][0];
    order["history"].push_back({{"at", "2026-03-02T15:00:00Z"},
                                {"by", "p-req"},
                                {"field", "hosts"},
                                {"old", order["hosts"]},
                                {"new", {"h-b07", "h-b08"}}});
    order["hosts"] = {"h-b07", "h-b08"};
    by(order["history"][1], "feed:jira", "2026-03-02T15:30:00Z");
    all.insert(all.begin(), "order W-1 feed:jira");
    CHECK(listed(w) == all);
}
