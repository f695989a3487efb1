#pragma once

#include <algorithm>
#include <fstream>
#include <functional>
#include <random>
#include <stdexcept>
#include <string>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "verifier/judge/accompaniment/judging/judge.h"
#include "verifier/judge/accompaniment/reading/case.h"
#include "verifier/judge/accompaniment/verdict/verdict_json.h"

/// The world of the golden cases as JSON, and random changes of it.
namespace assay::accompaniment::testing {

using nlohmann::json;

inline const json& base_world() {
    static const json world = [] {
        json out;
        for (const auto* name : {"events", "orders", "badges", "sessions", "directory", "policy", "now"}) {
            std::ifstream file(
                fmt::format("{}/tests/accompaniment/cases/base/{}.json", ASSAY_SOURCE_DIR, name));
            out[name] = json::parse(file);
        }
        return out;
    }();
    return world;
}

/// What a judgement is told, read from a world; the first error otherwise.
struct Case {
    std::vector<Occurrence> occurrences;
    std::shared_ptr<const Knowledge> knowledge;
    Millis now = 0;
};

inline Result<Case> read_world(const json& world) {
    Case out;
    Facts facts;
    auto orders = TRY(read_orders(world["orders"].dump()));
    facts.orders = std::move(orders.orders);
    facts.exports = std::move(orders.exports);
    facts.orders_watermark = orders.watermark;
    facts.badges = TRY(read_badges(world["badges"].dump()));
    facts.sessions = TRY(read_sessions(world["sessions"].dump()));
    static const auto directory = *read_directory(base_world()["directory"].dump());
    facts.directory = world["directory"] == base_world()["directory"]
                          ? directory
                          : TRY(read_directory(world["directory"].dump()));
    facts.policy = TRY(read_policy(world["policy"].dump()));
    out.now = TRY(read_now(world["now"].dump()));
    out.occurrences = occurrences_of(TRY(read_events(world["events"].dump())), facts.policy);
    out.knowledge = TRY(Knowledge::of(std::move(facts)));
    return out;
}

inline std::vector<Verdict> judged(const json& world) {
    auto asked = read_world(world);
    if (!asked) throw std::runtime_error(asked.error().context);
    return judge_all(asked->occurrences, *asked->knowledge, asked->now);
}

inline Millis millis(const json& text) {
    return *parse_instant(text.get<std::string>());
}
/// The instant `text`, later by so many seconds.
inline std::string later(const json& text, std::int64_t seconds) {
    return instant_text(millis(text) + seconds * 1000);
}

/// A source of random choices that a seed repeats.
class Dice {
  public:
    explicit Dice(std::uint32_t seed) : engine_(seed) {}
    std::int64_t number(std::int64_t least, std::int64_t most) {
        return least + static_cast<std::int64_t>(engine_() % static_cast<std::uint64_t>(most - least + 1));
    }
    bool one_in(int n) { return number(1, n) == 1; }
    template <typename T>
    const T& of(const std::vector<T>& all) {
        return all[static_cast<std::size_t>(number(0, static_cast<std::int64_t>(all.size()) - 1))];
    }
    json& item(json& list) {
        return list[static_cast<std::size_t>(number(0, static_cast<std::int64_t>(list.size()) - 1))];
    }
    template <typename T>
    void shuffle(T& all) {
        std::shuffle(all.begin(), all.end(), engine_);
    }

  private:
    std::mt19937 engine_;
};

/// A badge row at a random door and time.
inline json random_row(Dice& dice, const std::string& id, const std::string& from, std::int64_t within) {
    const std::string room = dice.of<std::string>({"1", "1", "1", "2", "3", "4"});
    const std::string lobby = room == "3" ? "lobby-2" : "lobby-1";
    const auto direction = dice.of<std::string>({"in", "in", "out", "out", "unknown"});
    json row{{"source", "onguard"},
             {"event_id", id},
             {"direction", direction},
             {"credential", dice.of<std::string>({"b-tech", "b-esc", "b-esc2", "b-staff", "b-nobody"})},
             {"reader", "r-" + room + (direction == "out" ? "-out" : "-in")},
             {"zone_from", direction == "out" ? "room-" + room : lobby},
             {"zone_to", direction == "out" ? lobby : "room-" + room},
             {"occurred_at", later(from, dice.number(0, within))}};
    if (dice.one_in(10)) row["result"] = "denied";
    if (dice.one_in(10)) row["person"] = dice.of<std::string>({"p-tech", "p-esc"});
    return row;
}

/// One change, somewhere: most of them small, so that worlds stay near to those that are accompanied.
inline void change(json& w, Dice& dice) {
    auto& event = w["events"]["events"][0];
    auto& order = w["orders"]["orders"][0];
    auto& rows = w["badges"]["rows"];
    auto& sessions = w["sessions"]["sessions"];
    const auto shift = [&](json& at, std::int64_t most) { at = later(at, dice.number(-most, most)); };
    switch (dice.number(0, 27)) {
        case 0:
            return shift(event["at"], 2400);
        case 1:
            event["clock_bound_ms"] = dice.number(0, 400'000);
            return;
        case 2:
            for (auto& one : w["events"]["events"])
                one["host"] = dice.of<std::string>(
                    {"h-b07", "h-b07-2", "h-b08", "h-l01", "h-e01", "h-d01", "h-old", "h-?"});
            return;
        case 3:
            event["device"]["interfaces"] =
                dice.of<json>({{"hid"}, {"storage"}, {"hid", "storage"}, json::array()});
            return;
        case 4:
            event["mounted"] = true;
            event["authorized"] = dice.one_in(2);
            return;
        case 5:
            if (!rows.empty())
                rows.erase(
                    static_cast<std::size_t>(dice.number(0, static_cast<std::int64_t>(rows.size()) - 1)));
            return;
        case 6:
            if (!rows.empty()) shift(dice.item(rows)["occurred_at"], 1800);
            return;
        case 7:
            if (!rows.empty()) dice.item(rows)["direction"] = "unknown";
            return;
        case 8:
        case 9:
            rows.push_back(random_row(dice, fmt::format("r{}", dice.number(0, 1'000'000)),
                                      "2026-03-02T13:30:00Z", 5400));
            return;
        case 10:
            sessions = json::array();
            return;
        case 11:
            if (!sessions.empty()) shift(sessions[0]["escort"]["at"], 900);
            return;
        case 12:
            if (!sessions.empty())
                sessions[0][dice.of<std::string>({"escort", "technician"})]["key"] =
                    dice.of<std::string>({"k-esc", "k-esc2", "k-tech", "k-tech-second", "k-vesc", "k-staff"});
            return;
        case 13:
            if (!sessions.empty()) sessions[0]["heartbeats"] = json::array();
            return;
        case 14:
            if (!sessions.empty()) sessions[0]["scope"] = "rack";
            return;
        case 15:
            w["sessions"]["late_attestations"].push_back(
                {{"host", event["host"]},
                 {"order", "W-1"},
                 {"descriptors_sha256", event["device"]["descriptors_sha256"]},
                 {"escort",
                  {{"key", dice.of<std::string>({"k-esc", "k-esc2", "k-tech"})},
                   {"at", later("2026-03-02T14:07:00Z", dice.number(-60, 900))},
                   {"signature", "valid"}}}});
            return;
        case 16:
            shift(order[dice.of<std::string>({"from", "to"})], 1200);
            return;
        case 17:
            order["history"][0]["by"] = dice.of<std::string>({"p-boss", "p-req", "p-tech"});
            return;
        case 18:
            order["history"][0]["at"] = later("2026-03-02T14:07:00Z", dice.number(-600, 600));
            return;
        case 19: {
            const auto old = order["devices"];
            order["devices"] =
                dice.of<json>({json::array({{{"kind", "storage"}}}), json::array({{{"kind", "hid"}}})});
            order["history"].push_back({{"at", later("2026-03-02T14:07:00Z", dice.number(-900, 900))},
                                        {"by", "p-req"},
                                        {"field", "devices"},
                                        {"old", old},
                                        {"new", order["devices"]}});
            return;
        }
        case 20: {
            const auto old = order["state"];
            order["state"] = dice.of<std::string>({"closed", "in_progress", "draft", "approved"});
            order["history"].push_back({{"at", later("2026-03-02T14:07:00Z", dice.number(-900, 900))},
                                        {"by", "p-boss"},
                                        {"field", "state"},
                                        {"old", old},
                                        {"new", order["state"]}});
            return;
        }
        case 21:
            order[dice.of<std::string>({"technicians", "escorts"})] =
                dice.of<json>({json::array(), {"p-tech"}, {"p-esc"}, {"p-tech", "p-tech2"}});
            return;
        case 22:
            w["badges"]["feeds"][0]["watermark"] = later("2026-03-02T14:07:00Z", dice.number(-900, 900));
            return;
        case 23:
            w[dice.of<std::string>({"orders", "sessions"})]["watermark"] =
                later("2026-03-02T14:07:00Z", dice.number(-900, 1800));
            return;
        case 24:
            w["badges"]["releases"].push_back({{"zone", "room-1"},
                                               {"from", "2026-03-02T14:00:00Z"},
                                               {"to", later("2026-03-02T14:00:00Z", dice.number(0, 900))}});
            return;
        case 25:
            w["policy"]["escort_for"] = "visitors";
            return;
        case 26:
            w["now"]["now"] = later("2026-03-02T14:07:00Z", dice.number(0, 200'000));
            return;
        default: {
            const auto at = event.contains("at") ? event["at"] : event["to"];
            event.erase("at");
            event["from"] = later(at, -dice.number(0, 900));
            event["to"] = at;
            event["kind"] = "present";
            event["at"] = nullptr;
            if (dice.one_in(3)) event["connected_ms"] = dice.number(0, 900'000);
        }
    }
}

/// Near the good visit: a few changes of it. Its first event is `e1`.
inline json random_world(Dice& dice) {
    auto w = base_world();
    const auto changes = dice.number(0, 4);
    for (std::int64_t i = 0; i < changes; ++i) {
        if (!w["events"]["events"][0].contains("at") || w["events"]["events"][0]["at"].is_null()) break;
        change(w, dice);
    }
    return w;
}

inline bool accompanied(const std::vector<Verdict>& verdicts) {
    return !verdicts.empty() && verdicts.front().outcome == Outcome::accompanied;
}

}  // namespace assay::accompaniment::testing
