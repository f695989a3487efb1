#include <algorithm>

#include <catch2/catch.hpp>

#include "tests/unit/verifier/judge/accompaniment/world.h"

using namespace assay::accompaniment;
using namespace assay::accompaniment::testing;

namespace {

constexpr std::uint32_t kWorlds = 2000;

// Each time as its own instant at another offset from UTC; daylight saving is nothing else.
void rewrite_offsets(json& value, Dice& dice) {
    if (value.is_structured()) {
        for (auto& item : value) rewrite_offsets(item, dice);
        return;
    }
    if (!value.is_string()) return;
    const auto at = parse_instant(value.get_ref<const std::string&>());
    if (!at) return;
    const auto minutes = dice.of<std::int64_t>({0, 60, 120, -300, -240, 330, 845, -720, 1439, -1439});
    auto text = instant_text(*at + minutes * 60'000);
    text.pop_back();
    const auto positive = minutes < 0 ? -minutes : minutes;
    value = fmt::format("{}{}{:02}:{:02}", text, minutes < 0 ? '-' : '+', positive / 60, positive % 60);
}

// Without the digests of what was written otherwise.
json without_digests(const std::vector<Verdict>& verdicts) {
    auto out = nlohmann::json::parse(to_json(verdicts).dump());
    for (auto& verdict : out) {
        for (auto& input : verdict["inputs"]) input["sha256"] = "";
        std::sort(verdict["inputs"].begin(), verdict["inputs"].end());
    }
    return out;
}

bool one_is_false(const Verdict& verdict) {
    return std::ranges::any_of(verdict.conditions, [](const Condition& c) { return c.value == Tri::no; });
}

bool waits_for_a_feed(const Verdict& verdict) {
    return std::ranges::any_of(verdict.conditions, [](const Condition& c) { return c.cause == Cause::feed; });
}

/// The escort's key at the host before and after: it says on which side of a door they were.
bool signed_around(const json& w, const Span& time) {
    bool before = false, after = false;
    for (const auto& session : w["sessions"]["sessions"]) {
        const auto look = [&](const json& signature) {
            if (signature["key"] != "k-esc" || signature["signature"] != "valid") return;
            before = before || millis(signature["at"]) <= time.from;
            after = after || millis(signature["at"]) > time.to;
        };
        look(session["escort"]);
        for (const auto& beat : session["heartbeats"]) look(beat);
    }
    return before && after;
}

}  // namespace

TEST_CASE(
    "accompanied needs all six conditions true, two people, a signature and received feeds: no world "
    "escapes") {
    std::size_t good = 0;
    std::size_t bad = 0;
    for (std::uint32_t seed = 0; seed < kWorlds; ++seed) {
        Dice dice(seed);
        const auto w = random_world(dice);
        INFO("seed " << seed);
        for (const auto& verdict : judged(w)) {
            if (verdict.outcome != Outcome::accompanied) {
                ++bad;
                continue;
            }
            ++good;
            REQUIRE(std::ranges::all_of(verdict.conditions,
                                        [](const Condition& c) { return c.value == Tri::yes; }));
            REQUIRE(verdict.row == 16);
            // Again, from the world itself and not by the judge's own words.
            REQUIRE(verdict.technician != verdict.escort);
            REQUIRE(millis(w["orders"]["watermark"]) > verdict.time.to);
            REQUIRE(millis(w["badges"]["feeds"][0]["watermark"]) > verdict.time.to);
            REQUIRE(millis(w["orders"]["orders"][0]["from"]) <= verdict.time.from);
            REQUIRE(verdict.time.to <= millis(w["orders"]["orders"][0]["to"]));
            REQUIRE((!w["sessions"]["sessions"].empty() || w["sessions"].contains("late_attestations")));
            for (const auto* credential : {"b-tech", "b-esc"}) {
                const auto& rows = w["badges"]["rows"];
                if (verdict.escort != "p-esc") continue;
                if (credential == std::string_view("b-esc") && signed_around(w, verdict.time)) continue;
                REQUIRE(std::any_of(rows.begin(), rows.end(), [&](const json& row) {
                    return (row["credential"] == credential || row.contains("person")) &&
                           millis(row["occurred_at"]) <= verdict.time.from;
                }));
            }
        }
    }
    CHECK(good > kWorlds / 20);  // a test in which nothing is accompanied shows nothing
    CHECK(bad > kWorlds / 4);
}

TEST_CASE("more knowledge never turns a false condition into accompanied") {
    // What may: a late signature within ten minutes, a signed exception, an approval of an earlier date that
    // arrives late, and, where a verdict waited for a feed until it was unproven, the feed. None of them is
    // among what is added here to a verdict in which a condition is false.
    std::size_t asked = 0;
    std::size_t resolved = 0;
    for (std::uint32_t seed = 0; seed < kWorlds; ++seed) {
        Dice dice(seed);
        auto w = random_world(dice);
        const auto before = judged(w);
        if (before.empty() || accompanied(before)) continue;
        // Rows that come later are of after the watermark: that is what it says.
        auto& feed = w["badges"]["feeds"][0]["watermark"];
        const auto rows = dice.number(0, 3);
        for (std::int64_t i = 0; i < rows; ++i)
            w["badges"]["rows"].push_back(random_row(dice, fmt::format("n{}", i), later(feed, 1), 3600));
        auto& orders = w["orders"];
        if (!orders["orders"].empty() && dice.one_in(2)) {
            auto& order = orders["orders"][0];
            const auto last = std::max({millis(orders["watermark"]), millis("2026-03-02T14:22:00Z")});
            const auto old = order["state"];
            order["state"] = dice.of<std::string>({"approved", "closed", "draft"});
            order["history"].push_back({{"at", instant_text(last + 1000)},
                                        {"by", "p-boss"},
                                        {"field", "state"},
                                        {"old", old},
                                        {"new", order["state"]}});
        }
        for (auto* watermark : {&feed, &orders["watermark"], &w["sessions"]["watermark"]})
            *watermark = later(*watermark, dice.number(0, 7200));
        w["now"]["now"] = later(w["now"]["now"], dice.number(0, 7200));
        const auto after = judged(w);
        if (one_is_false(before.front())) {
            ++asked;
            INFO("seed " << seed << ": " << to_json(before.front()).dump(1)
                         << to_json(after.front()).dump(1));
            REQUIRE_FALSE(accompanied(after));
        } else if (accompanied(after)) {
            ++resolved;
            INFO("seed " << seed << ": " << to_json(before.front()).dump(1));
            REQUIRE(waits_for_a_feed(before.front()));
        }
    }
    CHECK(asked > kWorlds / 4);
    CHECK(resolved > 0);
}

TEST_CASE("the same instants at other offsets from UTC change nothing but digests") {
    for (std::uint32_t seed = 0; seed < kWorlds / 3; ++seed) {
        Dice dice(seed);
        auto w = random_world(dice);
        const auto before = without_digests(judged(w));
        rewrite_offsets(w, dice);
        INFO("seed " << seed);
        REQUIRE(without_digests(judged(w)) == before);
    }
}

TEST_CASE("a worse clock never makes an event accompanied") {
    std::size_t lost = 0;
    for (std::uint32_t seed = 0; seed < kWorlds / 2; ++seed) {
        Dice dice(seed);
        auto w = random_world(dice);
        const auto before = judged(w);
        auto& event = w["events"]["events"][0];
        event["clock_bound_ms"] = event.value("clock_bound_ms", 0) + dice.number(1, 300'000);
        const auto after = judged(w);
        INFO("seed " << seed);
        if (accompanied(after)) REQUIRE(accompanied(before));
        if (accompanied(before) && !accompanied(after)) ++lost;
    }
    CHECK(lost > 0);
}

TEST_CASE("the same facts in another order, and a second time, give the same bytes") {
    for (std::uint32_t seed = 0; seed < kWorlds / 3; ++seed) {
        Dice dice(seed);
        auto w = random_world(dice);
        w["orders"]["orders"].push_back(w["orders"]["orders"][0]);
        w["orders"]["orders"][1]["id"] = "W-2";
        const auto before = to_json(judged(w)).dump();
        INFO("seed " << seed);
        REQUIRE(to_json(judged(w)).dump() == before);
        for (auto* list :
             {&w["events"]["events"], &w["orders"]["orders"], &w["badges"]["rows"],
              &w["sessions"]["sessions"], &w["sessions"]["late_attestations"], &w["badges"]["releases"]}) {
            if (list->is_array()) dice.shuffle(*list);
        }
        if (w["sessions"]["late_attestations"].is_null()) w["sessions"].erase("late_attestations");
        if (w["badges"]["releases"].is_null()) w["badges"].erase("releases");
        REQUIRE(to_json(judged(w)).dump() == before);
    }
}
