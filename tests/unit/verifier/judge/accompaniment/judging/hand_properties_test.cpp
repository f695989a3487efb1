#include <algorithm>

#include <catch2/catch.hpp>

#include "tests/unit/verifier/judge/accompaniment/history.h"

using namespace assay::accompaniment;
using namespace assay::accompaniment::testing;

namespace {

using Hands = std::set<std::string>;

json& entry(json& w, const std::string& person) {
    auto& persons = w["directory"]["persons"];
    return *std::find_if(persons.begin(), persons.end(),
                         [&](const json& one) { return one["id"] == person; });
}

void brought_by(json& one, const std::string& hand) {
    one["received_at"] = "2026-03-01T12:00:00Z";
    one["hand"] = hand;
}

// The good visit, each of its inputs by a hand of its own, those of "operator:dan" beside what it stands on.
json visit_of_many_hands() {
    auto w = base_world();
    brought_by(entry(w, "p-tech"), "operator:ada");
    brought_by(entry(w, "p-esc"), "operator:ben");
    entry(w, "p-esc")["hands"] = {"operator:cleo"};
    auto& order = w["orders"]["orders"][0];
    brought_by(order, "feed:jira");
    brought_by(order["history"][0], "feed:approvals");
    auto& rows = w["badges"]["rows"];
    brought_by(rows[0], "feed:doors-1");
    brought_by(rows[1], "feed:doors-2");
    for (const auto out : {2, 3}) brought_by(rows[static_cast<std::size_t>(out)], "operator:dan");
    brought_by(entry(w, "p-staff"), "operator:dan");
    return w;
}

// All that these hands delivered is of one hand instead. Of a person among them it is that person's hand.
json given_to_one(json w, const Hands& hands) {
    const std::string one = "operator:otto";
    const std::function<void(json&)> give = [&](json& value) {
        if (!value.is_structured()) return;
        for (const auto& [key, item] : value.items()) {
            if (key == "hand" && hands.contains(item)) item = one;
            if (key == "hands" && item.is_array() && !item.empty() && item[0].is_string()) {
                for (auto& hand : item) {
                    if (hands.contains(hand)) hand = one;
                }
            }
            give(item);
        }
    };
    give(w);
    for (const auto& hand : hands) {
        if (hand.starts_with("p-")) w["directory"]["hands"] = {{{"id", one}, {"person", hand}}};
    }
    return w;
}

// The same hands, all of one person.
json of_one_person(json w, const Hands& hands) {
    const auto signer = std::ranges::find_if(hands, [](const auto& hand) { return hand.starts_with("p-"); });
    const auto person = signer == hands.end() ? std::string("p-boss") : *signer;
    for (const auto& hand : hands) {
        if (!hand.starts_with("p-")) w["directory"]["hands"].push_back({{"id", hand}, {"person", person}});
    }
    return w;
}

// Each with a chance of one in `n`; never none.
Hands some_of(const std::vector<std::string>& all, Dice& dice, int n) {
    Hands out{dice.of<std::string>(all)};
    std::ranges::copy_if(all, std::inserter(out, out.end()), [&](const auto&) { return dice.one_in(n); });
    return out;
}

bool holds_one(const Hands& hands, const std::vector<std::string>& of) {
    return std::ranges::any_of(of, [&](const auto& one) { return hands.contains(one); });
}

// Sides of what a verdict near the good visit stands on that these hands hold, by the world.
int sides_held(json& w, const Verdict& verdict, const Hands& hands) {
    const auto is_theirs = [&](const json& one) {
        return hands.contains(one.value("hand", "")) ||
               (one.contains("hands") && std::any_of(one["hands"].begin(), one["hands"].end(),
                                                     [&](const json& hand) { return hands.contains(hand); }));
    };
    const bool directory = is_theirs(entry(w, verdict.technician)) || is_theirs(entry(w, verdict.escort));
    const auto& order = w["orders"]["orders"][0];
    const bool approved =
        is_theirs(order["history"][0]) && millis(order["history"][0]["at"]) <= verdict.time.from;
    const bool badge = std::ranges::any_of(verdict.inputs, [&](const Input& input) {
        return input.kind == "badge" && hands.contains(input.hand);
    });
    const bool signature = hands.contains(verdict.escort);
    return directory + (is_theirs(order) || approved) + badge + signature;
}

}  // namespace

TEST_CASE("one hand behind two sides of a good visit is never accompanied; behind one side it is") {
    const std::vector<std::string> all = {"operator:ada", "operator:ben",   "operator:cleo",
                                          "feed:jira",    "feed:approvals", "feed:doors-1",
                                          "feed:doors-2", "operator:dan",   "p-esc"};
    const auto w = visit_of_many_hands();
    REQUIRE(accompanied(judged(w)));
    std::size_t honest = 0;
    std::size_t caught = 0;
    for (std::uint32_t seed = 0; seed < 200; ++seed) {
        Dice dice(seed);
        const auto hands = some_of(all, dice, 5);
        const int sides = holds_one(hands, {"operator:ada", "operator:ben", "operator:cleo"}) +
                          holds_one(hands, {"feed:jira", "feed:approvals"}) +
                          holds_one(hands, {"feed:doors-1", "feed:doors-2"}) + holds_one(hands, {"p-esc"});
        const auto verdict =
            judged(dice.one_in(2) ? given_to_one(w, hands) : of_one_person(w, hands)).front();
        INFO("seed " << seed << ": " << json(hands).dump() << to_json(verdict).dump(1));
        if (sides < 2) {
            ++honest;
            REQUIRE(verdict.outcome == Outcome::accompanied);
        } else {
            ++caught;
            REQUIRE(verdict.outcome == Outcome::invalid_order);
            REQUIRE(verdict.reason == "SOD");
            REQUIRE(verdict.severity == Severity::critical);
        }
    }
    CHECK(honest > 40);
    CHECK(caught > 40);
}

TEST_CASE("near the good visit, too, one hand behind two sides is never accompanied") {
    std::vector<std::string> all = {"operator:ada", "operator:ben", "operator:cleo", "feed:jira",
                                    "feed:tickets", "feed:doors-1", "feed:doors-2",  ""};
    std::size_t caught = 0;
    std::size_t honest = 0;
    for (std::uint32_t seed = 0; seed < 250; ++seed) {
        Dice dice(seed);
        auto w = random_world(dice);
        w["policy"].erase("escort_for");  // who needs no escort stands on no escort's entry
        const auto hand = [&](const std::string& kind) {
            return kind == "directory" ? dice.of<std::string>({"operator:ada", "operator:ben"})
                   : kind == "order"   ? dice.of<std::string>({"feed:jira", "feed:tickets"})
                                       : dice.of<std::string>({"feed:doors-1", "feed:doors-2"});
        };
        add_receipts(w, {.at = [] { return std::string("2026-02-28T12:00:00Z"); }, .hand = hand});
        entry(w, "p-esc")["hands"] = {"operator:cleo"};
        if (w["sessions"].contains("late_attestations")) {
            for (auto& late : w["sessions"]["late_attestations"]) late["escort"].erase("received_at");
        }
        if (!accompanied(judged(w))) continue;
        all.back() = dice.of<std::string>({"p-esc", "p-esc", "p-esc2"});
        const auto hands = some_of(all, dice, 4);
        const bool given = dice.one_in(2);
        const auto verdict = judged(given ? given_to_one(w, hands) : of_one_person(w, hands)).front();
        INFO("seed " << seed << ": " << json(hands).dump() << to_json(verdict).dump(1));
        auto held = hands;
        if (given) held.insert("operator:otto");
        if (sides_held(w, verdict, held) >= 2) {
            ++caught;
            REQUIRE(verdict.outcome != Outcome::accompanied);
        } else if (verdict.outcome == Outcome::accompanied) {
            ++honest;
        }
    }
    CHECK(caught > 20);
    CHECK(honest > 10);
}
