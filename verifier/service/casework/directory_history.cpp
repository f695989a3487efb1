#include "verifier/service/casework/directory_history.h"

#include <algorithm>
#include <array>
#include <set>

#include "verifier/service/casework/directory_lists.h"

namespace assay::api::site {
namespace {

using accompaniment::Known;
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

void DirectoryHistory::add(const DirectoryVersion& version) {
    newest_ = std::max(newest_, version.received_at);
    auto changes = rest_.value(kRightsChanges, json::array());
    rest_ = version.document;
    for (const auto& change : rest_.value(kRightsChanges, json::array()))
        if (std::ranges::find(changes, change) == changes.end()) changes.push_back(change);
    if (!changes.empty()) rest_[kRightsChanges] = std::move(changes);
    std::set<Key> there;
    for (const auto* list : kDirectoryLists) {
        for (auto& element : rest_.value(list, json::array())) {
            const Key key{list, element.value("id", "")};
            there.insert(key);
            auto& all = lists_[list];
            const auto before = in_force_.find(key);
            if (before != in_force_.end() && all[before->second].value == element) continue;
            Known known{.receipt = {newest_, {}}, .hands = {}, .until = accompaniment::kNow};
            add_hands(known, version.hands);
            if (before != in_force_.end()) {
                auto& old = all[before->second].known;
                old.until = newest_;
                if (version.narrowed) {
                    add_hands(known, {old.receipt.hand});
                    add_hands(known, old.hands);
                }
            }
            in_force_[key] = all.size();
            all.push_back({element, std::move(known)});
        }
        rest_.erase(list);
    }
    std::erase_if(in_force_, [&](const auto& entry) {
        const auto& [key, place] = entry;
        if (there.contains(key)) return false;
        lists_[key.first][place].known.until = newest_;
        return true;
    });
}

json DirectoryHistory::document(accompaniment::Millis from) const {
    auto out = rest_;
    for (const auto& [list, elements] : lists_) {
        auto& to = out[list] = json::array();
        for (const auto& [value, known] : elements) {
            // What another took the place of in the same moment nobody ever saw.
            if (known.until <= from || known.until <= known.receipt.at) continue;
            auto& element = to.emplace_back(value);
            element["received_at"] = accompaniment::instant_text(known.receipt.at);
            if (!known.receipt.hand.empty()) element["hand"] = known.receipt.hand;
            if (!known.hands.empty()) element["hands"] = known.hands;
            if (known.until != accompaniment::kNow)
                element["until"] = accompaniment::instant_text(known.until);
        }
    }
    return out;
}

}  // namespace assay::api::site
