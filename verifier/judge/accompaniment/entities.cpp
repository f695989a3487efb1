#include "verifier/judge/accompaniment/entities.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

namespace assay::accompaniment {
namespace {

struct FromBoth {
    std::vector<const Entity*> directory, vendors;
};

const Entity* entity_at(const std::vector<const Entity*>& versions, Millis at) {
    const auto found = std::ranges::find_if(versions, [&](const Entity* one) { return one->known.at(at); });
    return found == versions.end() ? nullptr : *found;
}

// One of them may be nullptr.
Entity both(const Entity* directory, const Entity* vendors, Millis from) {
    Entity out = directory != nullptr ? *directory : *vendors;
    if (directory != nullptr && vendors != nullptr) {
        for (const auto& owner : vendors->owners) {
            if (std::ranges::find(out.owners, owner) == out.owners.end()) out.owners.push_back(owner);
        }
        if (!out.approved || (out.approved == true && vendors->approved == false))
            std::tie(out.approved, out.decided) = std::tie(vendors->approved, vendors->decided);
    }
    // Known by what came then; where something only went, nobody's hand is behind it.
    out.known = {.receipt = {.at = from}};
    for (const auto* one : {vendors, directory}) {
        if (one != nullptr && one->known.receipt.at == from) out.known = one->known;
    }
    return out;
}

bool says_the_same(const Entity& a, const Entity& b) {
    return std::tie(a.owners, a.approved, a.decided) == std::tie(b.owners, b.approved, b.decided);
}

}  // namespace

std::vector<Entity> joined(const std::vector<Entity>& directory, const std::vector<Entity>& vendors) {
    std::map<std::string_view, FromBoth> by_id;
    for (const auto& one : directory) by_id[one.id].directory.push_back(&one);
    for (const auto& one : vendors) by_id[one.id].vendors.push_back(&one);
    std::vector<Entity> out;
    for (const auto& [id, versions] : by_id) {
        std::set<Millis> edges;
        for (const auto* list : {&versions.directory, &versions.vendors}) {
            for (const auto* one : *list) edges.insert({one->known.receipt.at, one->known.until});
        }
        for (auto edge = edges.begin(); std::next(edge) != edges.end(); ++edge) {
            const auto* ours = entity_at(versions.directory, *edge);
            const auto* theirs = entity_at(versions.vendors, *edge);
            if (ours == nullptr && theirs == nullptr) continue;
            auto next = both(ours, theirs, *edge);
            next.known.until = *std::next(edge);
            if (!out.empty() && out.back().id == next.id && out.back().known.until == *edge &&
                says_the_same(out.back(), next)) {
                out.back().known.until = next.known.until;
            } else {
                out.push_back(std::move(next));
            }
        }
    }
    return out;
}

}  // namespace assay::accompaniment
