#include <algorithm>

#include <catch2/catch.hpp>

#include "tests/unit/verifier/judge/accompaniment/history.h"
#include "verifier/judge/accompaniment/verdict/improvement.h"

using namespace assay::accompaniment;
using namespace assay::accompaniment::testing;

namespace {

constexpr std::uint32_t kHistories = 250;

// The element was another before it was received as it is: without what it gives, or of somebody else.
void was_another_before(json& w, Dice& dice) {
    const auto kind = dice.of<std::string>({"persons", "persons", "persons", "hosts", "entities"});
    auto& list = w["directory"][kind];
    const auto id = kind == "persons" ? dice.of<std::string>({"p-esc", "p-esc", "p-tech"})
                    : kind == "hosts" ? "h-b07"
                                      : dice.of<std::string>({"us", "vendor"});
    const auto now = std::find_if(list.begin(), list.end(), [&](const json& one) { return one["id"] == id; });
    auto before = *now;
    before["until"] = before["received_at"];
    before.erase("received_at");
    if (kind == "hosts") {
        before["zone"] = dice.of<std::string>({"B08", "C01"});
    } else if (kind == "entities") {
        before["approved"] = false;
    } else {
        const auto lost = dice.of<std::string>({"keys", "credentials", "escort_zones", "unescorted_zones"});
        before[lost] = json::array();
        if (dice.one_in(4)) before["employer"] = dice.of<std::string>({"us", "vendor"});
    }
    list.push_back(before);
}

// Orders come in batches, and one of the exports before may be missing or late.
void in_batches(json& w, const std::function<std::string()>& at, Dice& dice) {
    w["policy"]["issuers"][0] = {{"id", "dc-ops"}, {"batch_s", 3600}};
    auto& order = w["orders"]["orders"][0];
    order["export"] = 42;
    w["orders"]["exports"] = {
        {{"hand", order["hand"]}, {"number", 42}, {"received_at", order["received_at"]}}};
    for (const auto number : {40, 41}) {
        if (!dice.one_in(5))
            w["orders"]["exports"].push_back(
                {{"hand", order["hand"]}, {"number", number}, {"received_at", at()}});
    }
}

// Near the good visit; a few of its inputs, whichever, came after the event, the feeds having told all by
// `kAllTold`. Which came when is a permutation of given times.
json random_history(Dice& dice) {
    auto w = random_world(dice);
    if (dice.one_in(4)) {
        w["orders"]["orders"][0]["issuer"] = "abroad-ops";
        w["policy"]["exceptions"] = {{{"order", "W-1"},
                                      {"reason", "ISSUER"},
                                      {"text", "they run the building"},
                                      {"approved_by", "p-ciso"},
                                      {"from", "2026-03-02T00:00:00Z"},
                                      {"to", "2026-03-03T00:00:00Z"},
                                      {"signature", "valid"}}};
    }
    const auto rows = dice.of<std::int64_t>({0, 0, 1, 2});
    for (std::int64_t i = 0; i < rows; ++i) {
        w["badges"]["rows"].push_back(random_row(dice, fmt::format("h{}", i), "2026-03-02T13:40:00Z", 3600));
    }
    std::vector<std::string> times;
    const auto late = dice.of<std::int64_t>({0, 1, 1, 2, 2, 3, 5});
    for (std::int64_t i = 0; i < late; ++i) {
        times.push_back(dice.one_in(3) ? later("2026-03-02T14:00:00Z", dice.number(0, 21'600))
                                       : later(kAllTold, dice.number(1, 172'800)));
    }
    while (times.size() < 18) times.push_back(later("2026-02-20T00:00:00Z", dice.number(0, 700'000)));
    dice.shuffle(times);
    std::size_t next = 0;
    const auto at = [&] { return times[next++ % times.size()]; };
    add_receipts(w, {.at = at, .hand = hand_of_kind});
    if (dice.one_in(2)) was_another_before(w, dice);
    if (dice.one_in(3)) in_batches(w, at, dice);
    w["badges"]["feeds"][0]["passed"] = {
        {{"received_at", "2026-03-01T12:00:00Z"}, {"watermark", "2026-03-01T11:00:00Z"}},
        {{"received_at", kAllTold}, {"watermark", kAllTold}}};
    for (auto* watermark :
         {&w["badges"]["feeds"][0]["watermark"], &w["orders"]["watermark"], &w["sessions"]["watermark"]})
        *watermark = kAllTold;
    return w;
}

// All moments after `from` at which something was received.
void receipts_after(const json& value, Millis from, std::set<Millis>& out) {
    if (!value.is_structured()) return;
    for (const auto& [key, item] : value.items()) {
        if (key == "received_at" && millis(item) > from) out.insert(millis(item));
        receipts_after(item, from, out);
    }
}

// Less severe; or no longer among what nobody accompanied.
bool is_better(const Verdict& before, const Verdict& after) {
    if (after.severity != before.severity) return after.severity < before.severity;
    return accompanied({after}) && !accompanied({before});
}

// What of the world came in time for this event, by the table of docs/adr/0024: all that may count for it.
json in_time_for(const Verdict& verdict, Millis clock_bound, const json& w) {
    const auto event = verdict.time.from;
    auto out = known_at(w, millis(kAllTold));
    const auto directory = known_at(w, event);
    out["directory"] = directory["directory"];
    out["policy"] = directory["policy"];
    out["orders"]["orders"] = known_at(w, event + clock_bound)["orders"]["orders"];
    auto& sessions = out["sessions"];
    if (sessions.contains("late_attestations")) keep_received(sessions["late_attestations"], event + 600'000);
    out["now"] = w["now"];
    return out;
}

std::optional<Improved> improvement_of(const Verdict& before, const Verdict& after) {
    return improvement({.version = 1,
                        .outcome = before.outcome,
                        .row = before.row,
                        .severity = before.severity,
                        .at = 0,
                        .inputs = before.inputs},
                       after);
}

// Counts what became of a verdict; one that became better must say so, and by what.
struct Changes {
    std::size_t good = 0, said = 0, worse = 0;

    void take(const Verdict& before, const Verdict& after) {
        if (accompanied({before})) ++good;
        INFO(to_json(before).dump(1) << to_json(after).dump(1));
        if (is_better(after, before)) ++worse;
        if (!is_better(before, after)) return;
        const auto improved = improvement_of(before, after);
        REQUIRE(improved);
        REQUIRE_FALSE(improved->inputs.empty());
        ++said;
    }
};

// Without what tells of receipts alone.
std::string without_receipts(const std::vector<Verdict>& verdicts) {
    auto out = json::parse(to_json(verdicts).dump());
    for (auto& verdict : out) {
        std::set<json> inputs;
        for (const auto& input : verdict["inputs"]) {
            if (input["kind"] != "person") inputs.insert({input["kind"], input["id"]});
        }
        verdict["inputs"] = inputs;
    }
    return out.dump();
}

}  // namespace

TEST_CASE("once the feeds have told all, what is received makes no verdict better unless it says so") {
    Changes changes;
    for (std::uint32_t seed = 0; seed < kHistories; ++seed) {
        Dice dice(seed);
        const auto w = random_history(dice);
        std::set<Millis> times;
        receipts_after(w, millis(kAllTold), times);
        auto before = judged(known_at(w, millis(kAllTold)));
        for (const auto time : times) {
            auto after = judged(known_at(w, time));
            INFO("seed " << seed << " at " << instant_text(time));
            changes.take(before.front(), after.front());
            before = std::move(after);
        }
    }
    CHECK(changes.good > kHistories / 20);
    CHECK(changes.said > 0);
    CHECK(changes.worse > kHistories / 50);
}

TEST_CASE("what came too late for an event makes its verdict no better than without it unless it says so") {
    Changes changes;
    for (std::uint32_t seed = 0; seed < kHistories; ++seed) {
        Dice dice(seed);
        auto w = random_history(dice);
        w["now"]["now"] = later(kAllTold, dice.of<std::int64_t>({0, 172'800}));
        if (w["orders"].contains("exports")) continue;  // an order has another hour there
        const auto after = judged(w).front();
        const auto bound = w["events"]["events"][0].value("clock_bound_ms", 0);
        INFO("seed " << seed);
        changes.take(judged(in_time_for(after, bound, w)).front(), after);
    }
    CHECK(changes.good > kHistories / 20);
    CHECK(changes.said > 0);
    CHECK(changes.worse > 0);
}

TEST_CASE("the same inputs received later, whichever, make no verdict better unless it says so") {
    Changes changes;
    for (std::uint32_t seed = 0; seed < kHistories; ++seed) {
        Dice dice(seed);
        auto w = random_history(dice);
        w["now"]["now"] = later(kAllTold, dice.of<std::int64_t>({0, 172'800}));
        auto in_time = w;
        const std::function<void(json&)> receive = [&](json& value) {
            if (!value.is_structured()) return;
            for (const auto& [key, item] : value.items()) {
                if (key == "received_at" || key == "until") item = "2026-02-20T00:00:00Z";
                receive(item);
            }
        };
        for (const auto* file : {"directory", "orders", "policy", "sessions"}) receive(in_time[file]);
        for (auto& row : in_time["badges"]["rows"]) receive(row);
        INFO("seed " << seed);
        changes.take(judged(in_time).front(), judged(w).front());
    }
    CHECK(changes.good > kHistories / 20);
    CHECK(changes.worse > kHistories / 20);
}

TEST_CASE("with every receipt in time a verdict is the one without receipts, to the byte") {
    std::size_t good = 0;
    for (std::uint32_t seed = 0; seed < kHistories; ++seed) {
        Dice dice(seed);
        auto w = random_world(dice);
        const auto plain = judged(w);
        if (accompanied(plain)) ++good;
        const auto event = plain.front().time.from;
        const auto at = [&] {
            return instant_text(event - 1000 * dice.of<std::int64_t>({0, 0, 1, 90, 86'400}));
        };
        add_receipts(w, {.at = at, .hand = hand_of_kind});
        INFO("seed " << seed);
        REQUIRE(without_receipts(judged(w)) == without_receipts(plain));
    }
    CHECK(good > kHistories / 20);
}
