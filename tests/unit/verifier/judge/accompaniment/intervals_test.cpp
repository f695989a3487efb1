#include <catch2/catch.hpp>

#include "tests/unit/verifier/judge/accompaniment/world.h"
#include "verifier/judge/accompaniment/interval_index.h"

using namespace assay::accompaniment;
using namespace assay::accompaniment::testing;

namespace {

std::vector<Occurrence> uses(const std::vector<json>& events) {
    json file = json::object();
    file["events"] = events;
    return occurrences_of(*read_events(file.dump()), Policy());
}

json event(const std::string& id, const std::string& at, const json& more = json::object()) {
    auto out = base_world()["events"]["events"][0];
    out["id"] = id;
    out["at"] = "2026-03-02T" + at + "Z";
    out.update(more);
    return out;
}

std::vector<ControllerClock> learned(const json& w) {
    const auto directory = *Directory::of(*read_directory(w["directory"].dump()));
    return learned_clocks(directory, *read_badges(w["badges"].dump()), *read_sessions(w["sessions"].dump()),
                          Policy());
}

}  // namespace

TEST_CASE("the interval index answers as a loop over all spans does") {
    for (std::uint32_t seed = 0; seed < 300; ++seed) {
        Dice dice(seed);
        IntervalIndex<std::size_t> index;
        std::vector<Span> spans;
        const auto count = dice.number(0, 60);
        for (std::int64_t i = 0; i < count; ++i) {
            const auto from = dice.number(-50, 50);
            spans.push_back({from, dice.one_in(8) ? INT64_MAX : from + dice.number(0, 20)});
            index.add(spans.back(), spans.size() - 1);
        }
        index.build();
        for (int i = 0; i < 40; ++i) {
            const auto from = dice.number(-80, 80);
            const Span query{from, from + dice.number(0, 15)};
            std::vector<std::size_t> by_index;
            index.visit(query, [&](std::size_t value) { by_index.push_back(value); });
            CHECK(std::ranges::is_sorted(by_index, {}, [&](std::size_t at) { return spans[at].from; }));
            std::ranges::sort(by_index);
            std::vector<std::size_t> by_loop;
            for (std::size_t at = 0; at < spans.size(); ++at) {
                if (spans[at].meets(query)) by_loop.push_back(at);
            }
            INFO("seed " << seed);
            REQUIRE(by_index == by_loop);
        }
    }
}

TEST_CASE("a removal ends the use of its port, and one without a use is nothing") {
    const auto all =
        uses({event("e1", "14:00:00"), event("e2", "14:10:00", {{"kind", "remove"}, {"mounted", true}}),
              event("e3", "14:11:00", {{"kind", "remove"}})});
    REQUIRE(all.size() == 1);
    CHECK(all[0].removal->id == "e2");
    CHECK(all[0].event.mounted);
    CHECK(uses({event("e1", "14:00:00", {{"kind", "remove"}})}).empty());
    CHECK_FALSE(
        uses({event("e1", "14:00:00"), event("e2", "14:10:00", {{"kind", "remove"}, {"host", "h-b08"}})})[0]
            .removal);
}

TEST_CASE("a cable that wiggles is one use; another boot, another serial or five seconds make two") {
    const auto back = [](const std::string& at, const json& more) {
        return uses(
            {event("e1", "14:00:00"), event("e2", "14:00:10", {{"kind", "remove"}}), event("e3", at, more)});
    };
    CHECK(back("14:00:14", json::object()).size() == 1);
    CHECK(back("14:00:14", json::object())[0].count == 2);
    CHECK(back("14:00:15", json::object()).size() == 2);
    CHECK(back("14:00:14", {{"boot_id", "other"}}).size() == 2);
    auto device = event("e", "14:00:00")["device"];
    device["serial"] = "other";
    CHECK(back("14:00:14", {{"device", device}})[1].morphed_from);
    CHECK_FALSE(back("14:01:10", {{"device", device}})[1].morphed_from);
}

TEST_CASE("a blocked device stays blocked when it goes, and is let in when it comes back let in") {
    const auto go = event("e2", "14:00:10", {{"kind", "remove"}});
    CHECK_FALSE(uses({event("e1", "14:00:00", {{"authorized", false}}), go})[0].event.authorized);
    CHECK(uses({event("e1", "14:00:00", {{"authorized", false}}), go, event("e3", "14:00:12")})[0]
              .event.authorized);
}

TEST_CASE("a clock is learned from who signs before badging in, and only widens what is assumed") {
    auto w = base_world();
    CHECK(learned(w).empty());
    w["badges"]["rows"][0]["occurred_at"] = "2026-03-02T14:05:00Z";  // signed at 14:01
    const auto clocks = learned(w);
    REQUIRE(clocks.size() == 1);
    CHECK(clocks[0].id == "c-1");
    const Policy policy;
    CHECK(clocks[0].fast - clocks[0].bound <= -policy.delta);
    CHECK(clocks[0].fast + clocks[0].bound >= std::max(policy.delta, Millis{240'000}));
    SECTION("nobody learns a clock that somebody measured") {
        w["badges"]["controllers"] = {{{"id", "c-1"}, {"fast_ms", 1000}}};
        CHECK(learned(w).empty());
    }
    SECTION("an invalid signature teaches nothing") {
        w["sessions"]["sessions"][0]["technician"]["signature"] = "invalid";
        CHECK(learned(w).empty());
    }
    SECTION("a badge-in before explains the signature") {
        w["badges"]["rows"].push_back(w["badges"]["rows"][0]);
        w["badges"]["rows"].back()["event_id"] = "9";
        w["badges"]["rows"].back()["occurred_at"] = "2026-03-02T13:50:00Z";
        CHECK(learned(w).empty());
        // Not if it came below a watermark.
        w["badges"]["feeds"][0]["passed"] = {
            {{"received_at", "2026-03-02T15:00:00Z"}, {"watermark", "2026-03-02T14:30:00Z"}}};
        CHECK(learned(w).empty());
        w["badges"]["rows"].back()["received_at"] = "2026-03-02T15:00:01Z";
        CHECK(learned(w).size() == 1);
    }
    SECTION("learned clocks never turn what is not accompanied into accompanied") {
        for (std::uint32_t seed = 0; seed < 300; ++seed) {
            Dice dice(seed);
            auto random = random_world(dice);
            const auto with = judged(random);
            random["badges"]["controllers"] = json::array();
            for (const auto* id : {"c-1", "c-2", "c-3"})  // as assumed: nothing is learned of them
                random["badges"]["controllers"].push_back({{"id", id}, {"fast_ms", 0}, {"bound_ms", 60'000}});
            INFO("seed " << seed);
            if (accompanied(with)) REQUIRE(accompanied(judged(random)));
        }
    }
}
