#include "verifier/service/casework/directory_history.h"

#include <algorithm>
#include <set>

#include "verifier/service/casework/directory_lists.h"

namespace assay::api::site {
namespace {

using accompaniment::Known;
using accompaniment::Millis;
using nlohmann::json;

constexpr const char* kRightsChanges = "rights_changes";
constexpr std::size_t kMostHands = 16;  // as the reader of directory.json has it

void add_hands(Known& known, const std::vector<std::string>& hands) {
    for (const auto& hand : hands) {
        const bool there = hand.empty() || hand == known.receipt.hand || known.hands.size() == kMostHands ||
                           std::ranges::find(known.hands, hand) != known.hands.end();
        if (known.receipt.hand.empty())
            known.receipt.hand = hand;
        else if (!there)
            known.hands.push_back(hand);
    }
}

}  // namespace

json with_receipt(json element, const Known& known) {
    if (known.receipt.at != accompaniment::kAtItsOwnTime)
        element["received_at"] = accompaniment::instant_text(known.receipt.at);
    if (!known.receipt.hand.empty()) element["hand"] = known.receipt.hand;
    if (!known.hands.empty()) element["hands"] = known.hands;
    if (known.until != accompaniment::kNow) element["until"] = accompaniment::instant_text(known.until);
    return element;
}

void DirectoryHistory::add(std::int64_t number, json directory) {
    newest_ = number;
    auto changes = rest_.value(kRightsChanges, json::array());
    rest_ = std::move(directory);
    for (const auto& change : rest_.value(kRightsChanges, json::array()))
        if (std::ranges::find(changes, change) == changes.end()) changes.push_back(change);
    if (!changes.empty()) rest_[kRightsChanges] = std::move(changes);
    std::set<Key> there;
    for (const auto* list : kDirectoryLists) {
        auto& all = lists_[list];
        for (const auto& element : rest_.value(list, json::array())) {
            const Key key{list, element.value("id", "")};
            there.insert(key);
            const auto before = in_force_.find(key);
            if (before != in_force_.end() && all[before->second].value == element) continue;
            if (before != in_force_.end()) all[before->second].until = number;
            in_force_[key] = all.size();
            all.push_back({element, number, 0});
        }
        rest_.erase(list);
    }
    std::erase_if(in_force_, [&](const auto& entry) {
        const auto& [key, place] = entry;
        if (there.contains(key)) return false;
        lists_[key.first][place].until = number;
        return true;
    });
}

json DirectoryHistory::document(const DirectoryReceipts& receipts) const {
    // The verifier's clock may have gone back: a version is known no earlier than those before it.
    std::map<std::int64_t, Millis> known_from;
    auto latest = accompaniment::kAtItsOwnTime;
    for (const auto& [number, receipt] : receipts)
        known_from[number] = latest = std::max(latest, receipt.received_at);
    auto out = rest_;
    for (const auto& [list, elements] : lists_) {
        auto& to = out[list] = json::array();
        std::map<std::string, Known> before;
        for (const auto& element : elements) {
            const auto& receipt = receipts.at(element.from);
            auto& last = before[element.value.value("id", "")];
            Known known{.receipt = {known_from.at(element.from), {}},
                        .hands = {},
                        .until = element.until == 0 ? accompaniment::kNow : known_from.at(element.until)};
            add_hands(known, receipt.hands);
            if (receipt.narrowed) {
                add_hands(known, {last.receipt.hand});
                add_hands(known, last.hands);
            }
            last = known;
            // What another took the place of in the same moment nobody ever saw.
            if (known.until > known.receipt.at) to.push_back(with_receipt(element.value, known));
        }
    }
    return out;
}

json DirectoryHistory::stored() const {
    json lists = json::object();
    for (const auto& [list, elements] : lists_) {
        auto& to = lists[list] = json::array();
        for (const auto& element : elements)
            to.push_back({{"value", element.value}, {"from", element.from}, {"until", element.until}});
    }
    return {{"newest", newest_}, {"rest", rest_}, {"lists", std::move(lists)}};
}

DirectoryHistory DirectoryHistory::of(const json& stored) {
    DirectoryHistory out;
    out.newest_ = stored.at("newest");
    out.rest_ = stored.at("rest");
    for (const auto& [list, elements] : stored.at("lists").items()) {
        auto& to = out.lists_[list];
        for (const auto& element : elements) {
            to.push_back({element.at("value"), element.at("from"), element.at("until")});
            if (to.back().until == 0) out.in_force_[{list, to.back().value.value("id", "")}] = to.size() - 1;
        }
    }
    return out;
}

}  // namespace assay::api::site
