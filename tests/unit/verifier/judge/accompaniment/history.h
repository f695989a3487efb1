#pragma once

#include <set>
#include <string>
#include <vector>

#include "tests/unit/verifier/judge/accompaniment/world.h"

/// When a world's inputs were received and by whom, at random; and what of them the verifier had at a time.
namespace assay::accompaniment::testing {

/// The moment from which on every feed of a `history` has told all of the event's time.
inline constexpr const char* kAllTold = "2026-03-02T20:00:00Z";

/// The members of `list` that were received by `at`, or do not say when.
inline void keep_received(json& list, Millis at) {
    if (!list.is_array()) return;
    auto kept = json::array();
    for (auto& one : list) {
        const auto& says = one.contains("escort") && one["escort"].is_object() ? one["escort"] : one;
        if (!says.contains("received_at") || millis(says["received_at"]) <= at) kept.push_back(one);
    }
    list = std::move(kept);
}

/// Undoes the changes of an order that were received after `at`.
inline void keep_received_changes(json& order, Millis at) {
    std::set<std::string> stands;  // fields that a later change, which was received, sets
    auto& history = order["history"];
    auto kept = json::array();
    for (auto i = history.size(); i-- > 0;) {
        const auto& change = history[i];
        const auto field = change["field"].get<std::string>();
        if (!change.contains("received_at") || millis(change["received_at"]) <= at) {
            kept.insert(kept.begin(), change);
            stands.insert(field);
        } else if (!stands.contains(field)) {
            order[field] = change["old"];
        }
    }
    history = std::move(kept);
}

/// The world as the verifier had it at `at`, and judges it then.
inline json known_at(json w, Millis at) {
    for (auto& [kind, list] : w["directory"].items()) {
        keep_received(list, at);
        for (auto& one : list) {
            if (one.contains("until") && millis(one["until"]) > at) one.erase("until");
        }
    }
    for (const auto* kind : {"orders", "exports"}) {
        if (w["orders"].contains(kind)) keep_received(w["orders"][kind], at);
    }
    for (auto& order : w["orders"]["orders"]) keep_received_changes(order, at);
    keep_received(w["badges"]["rows"], at);
    auto& feed = w["badges"]["feeds"][0];
    if (feed.contains("passed")) keep_received(feed["passed"], at);
    if (w["sessions"].contains("late_attestations")) keep_received(w["sessions"]["late_attestations"], at);
    if (w["policy"].contains("exceptions")) keep_received(w["policy"]["exceptions"], at);
    w["now"]["now"] = instant_text(at);
    return w;
}

/// What `add_receipts` gives to each input of a world: `at` asks for the next time, `hand` for a hand of that
/// kind.
struct Receipts {
    std::function<std::string()> at;
    std::function<std::string(const std::string& kind)> hand;
};

/// The entries of a list of the directory that decide something in worlds near the good visit.
inline bool decides(const std::string& kind, const json& entry) {
    static const std::set<std::string> kDeciding = {"p-tech", "p-esc",  "p-esc2", "p-staff",
                                                    "h-b07",  "h-b08",  "us",     "vendor",
                                                    "dc-ops", "r-1-in", "r-1-out"};
    return kind != "zones" && kind != "hands" && kind != "rights_changes" &&
           kDeciding.contains(entry["id"].get<std::string>());
}

/// Says of each input when it was received, and by whom.
inline void add_receipts(json& w, const Receipts& receipts) {
    const auto say = [&](json& one, const std::string& kind) {
        one["received_at"] = receipts.at();
        one["hand"] = receipts.hand(kind);
    };
    for (auto& [kind, list] : w["directory"].items()) {
        for (auto& entry : list) {
            if (decides(kind, entry)) say(entry, "directory");
        }
    }
    for (auto& order : w["orders"]["orders"]) {
        say(order, "order");
        for (auto& change : order["history"]) say(change, "order");
    }
    for (auto& row : w["badges"]["rows"]) say(row, "badge");
    if (w["sessions"].contains("late_attestations")) {
        for (auto& late : w["sessions"]["late_attestations"]) {
            late["escort"]["received_at"] = receipts.at();
            late["escort"]["posted"] = true;
        }
    }
    if (w["policy"].contains("exceptions")) {
        for (auto& exception : w["policy"]["exceptions"]) exception["received_at"] = receipts.at();
    }
}

/// A hand of its own for each kind of input: nobody stands behind two.
inline std::string hand_of_kind(const std::string& kind) {
    return kind == "directory" ? "operator:keeper" : kind == "order" ? "feed:jira" : "feed:doors";
}

}  // namespace assay::accompaniment::testing
