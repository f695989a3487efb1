#include "verifier/judge/accompaniment/judging/hands.h"

#include <algorithm>
#include <array>
#include <map>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "evidence/base/text.h"
#include "verifier/judge/accompaniment/judging/escort.h"

namespace assay::accompaniment {
namespace {

bool lists(const std::vector<std::string>& all, std::string_view one) {
    return std::ranges::find(all, one) != all.end();
}

// The version that brought what `has` asks for: the first of those, without a gap up to the one in force,
// that have it.
template <typename Has>
const Person* brought(const Directory& directory, std::string_view id, Millis as_of, Has&& has) {
    const auto* found = as_it_was(as_of, [&](Millis then) { return directory.person(id, then); });
    if (found == nullptr || !has(*found)) return nullptr;
    while (found->known.receipt.at != kAtItsOwnTime) {
        const auto* before = directory.person(id, found->known.receipt.at - 1);
        if (before == nullptr || before->known.until != found->known.receipt.at || !has(*before)) break;
        found = before;
    }
    return found;
}

// Of both: the versions that brought the entry, each key and badge that was used, and the escort's rights.
std::set<const Person*> entries_of(const Basis& basis, const Knowledge& knowledge) {
    const auto& directory = knowledge.directory();
    std::set<const Person*> out;
    for (const auto& id : {basis.technician, basis.escort}) {
        if (id.empty()) continue;
        const auto add = [&](auto&& has) {
            if (const auto* entry = brought(directory, id, basis.as_of, has)) out.insert(entry);
        };
        add([](const Person&) { return true; });
        for (const auto* signature : basis.signatures)
            add([&](const Person& person) { return lists(person.keys, signature->key); });
        for (const auto index : basis.rows) {
            const auto& row = knowledge.presences().data().rows[index];
            add([&](const Person& person) { return lists(person.credentials, row.credential); });
        }
        if (id != basis.escort) continue;
        const auto around = directory.around(basis.zone);
        add([&](const Person& person) { return has_right(person.escort_zones, around); });
        add([&](const Person& person) { return has_right(person.unescorted_zones, around); });
    }
    return out;
}

// Up to its approval; without one, up to the event.
std::vector<const OrderVersion*> versions_up_to_approval(const Basis& basis) {
    std::vector<const OrderVersion*> out;
    std::size_t approval = 0;
    for (const auto& version : basis.order.versions) {
        if (version.from > basis.span.to) break;
        out.push_back(&version);
        if (lists(version.changed, "state") && version.fields.state == "approved") approval = out.size();
    }
    if (approval != 0) out.resize(approval);
    return out;
}

// What each actor did, by sides.
class Sides {
  public:
    explicit Sides(const Directory& directory) : directory_(directory) {}

    void add(InputSide side, std::string_view hand, const std::string& what) {
        if (hand.empty()) return;
        const auto person = directory_.person_of_hand(hand);
        person_did(side, person.empty() ? hand : person, what);
    }
    void person_did(InputSide side, std::string_view who, const std::string& what) {
        did_[std::string(who)][side].insert(what);
    }
    std::vector<SoleHand> on_two() const {
        std::vector<SoleHand> out;
        for (const auto& [who, sides] : did_) {
            if (sides.size() < 2) continue;
            std::vector<std::string> said;
            for (const auto& [side, things] : sides)
                said.push_back(
                    fmt::format("{} {}", kVerbs.at(static_cast<std::size_t>(side)), fmt::join(things, ", ")));
            out.push_back({who, fmt::format("{} {}", printable(who), fmt::join(said, " and "))});
        }
        return out;
    }

  private:
    static constexpr std::array<std::string_view, 4> kVerbs = {"entered", "delivered order",
                                                               "delivered badge row", "signed as"};
    const Directory& directory_;
    std::map<std::string, std::map<InputSide, std::set<std::string>>> did_;
};

}  // namespace

std::vector<SoleHand> sole_hands(const Basis& basis, const Knowledge& knowledge) {
    Sides sides(knowledge.directory());
    for (const auto* entry : entries_of(basis, knowledge)) {
        const auto name = printable(entry->id);
        sides.add(InputSide::directory, entry->known.receipt.hand, name);
        for (const auto& hand : entry->known.hands) sides.add(InputSide::directory, hand, name);
    }
    const auto order = printable(basis.order.id);
    sides.add(InputSide::order, basis.order.receipt.hand, order);
    for (const auto* version : versions_up_to_approval(basis))
        sides.add(InputSide::order, version->receipt.hand, order);
    for (const auto index : basis.rows) {
        const auto& row = knowledge.presences().data().rows[index];
        sides.add(InputSide::badge, row.receipt.hand, printable(row.source + "/" + row.event_id));
    }
    if (!basis.signatures.empty()) {
        const bool escorted = !basis.escort.empty();
        sides.person_did(InputSide::signature, escorted ? basis.escort : basis.technician,
                         escorted ? "the escort" : "the technician");
    }
    return sides.on_two();
}

std::set<Input> delivered(const Basis& basis, const Knowledge& knowledge) {
    std::set<Input> out;
    const auto add = [&](std::string_view kind, const std::string& id, const std::string& digest,
                         const std::string& hand, Millis at) {
        if (!hand.empty() || at != kAtItsOwnTime) out.insert({std::string(kind), id, digest, hand, at});
    };
    for (const auto* entry : entries_of(basis, knowledge)) {
        const auto& known = entry->known;
        add("person", entry->id, "", known.receipt.hand, known.receipt.at);
        for (const auto& hand : known.hands) add("person", entry->id, "", hand, known.receipt.at);
    }
    for (const auto& version : basis.order.versions)
        add("order", basis.order.id, version.digest, version.receipt.hand, version.receipt.at);
    return out;
}

}  // namespace assay::accompaniment
