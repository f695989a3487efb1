#include "verifier/judge/accompaniment/directory.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <tuple>

#include <fmt/core.h>

#include "evidence/base/text.h"

namespace assay::accompaniment {
namespace {

constexpr std::array<std::string_view, 5> kZoneKinds = {"site", "building", "room", "cage", "rack"};

using Versions = TextMap<std::vector<std::size_t>>;

std::string twice(std::string_view what, std::string_view id, Millis at) {
    return fmt::format("expected one entry of {} \"{}\" at a time, got two{}; an id names one thing", what,
                       printable(id), at == kAtItsOwnTime ? "" : " from " + instant_text(at));
}

// By id; the versions of one in their order, one after the other. `newest`: the last change of all of them.
template <typename T>
Result<Versions> index_of(const std::vector<T>& all, std::string_view what, Millis& newest) {
    Versions index;
    for (std::size_t i = 0; i < all.size(); ++i) {
        index[all[i].id].push_back(i);
        newest = std::max(newest, all[i].known.receipt.at);
        if (all[i].known.until != kNow) newest = std::max(newest, all[i].known.until);
    }
    const auto from = [&](std::size_t i) { return all[i].known.receipt.at; };
    index.change_each([&](auto& versions) { std::ranges::sort(versions, {}, from); });
    for (const auto& element : all) {
        const auto& versions = *index.find(element.id);
        if (&element != &all[versions.front()]) continue;  // once for each id
        for (std::size_t i = 1; i < versions.size(); ++i) {
            const auto& before = all[versions[i - 1]].known;
            if (before.until > from(versions[i]))
                return fail(ErrorCode::malformed, twice(what, element.id, from(versions[i])));
        }
    }
    return index;
}

template <typename T>
const T* at(const Versions& index, const std::vector<T>& all, std::string_view id, Millis as_of) {
    const auto* versions = index.find(id);
    if (versions == nullptr) return nullptr;
    for (const auto i : *versions) {
        if (all[i].known.at(as_of)) return &all[i];
    }
    return nullptr;
}

std::size_t place(ZoneNumber zone) {
    return static_cast<std::size_t>(zone);
}

}  // namespace

std::string_view to_string(ZoneKind kind) {
    return kZoneKinds.at(static_cast<std::size_t>(kind));
}

Result<Directory> Directory::of(DirectoryData data) {
    Directory out;
    out.data_ = std::move(data);
    const auto& in = out.data_;
    auto& newest = out.newest_receipt_;
    out.zones_ = TRY(index_of(in.zones, "zone", newest));
    out.zones_changed_ = newest;
    out.persons_ = TRY(index_of(in.persons, "person", newest));
    out.hosts_ = TRY(index_of(in.hosts, "host", newest));
    for (std::size_t i = 0; i < in.hosts.size(); ++i) {
        const auto& host = in.hosts[i];
        if (host.ek.empty()) continue;
        auto& others = out.hosts_[host.ek];
        for (const auto other : others) {
            const auto& [a, b] = std::tie(host.known, in.hosts[other].known);
            if (in.hosts[other].id != host.id && a.receipt.at < b.until && b.receipt.at < a.until)
                return fail(ErrorCode::malformed, "host \"" + printable(host.id) +
                                                      "\": its ek is another host's; one TPM is in one host");
        }
        others.push_back(i);
    }
    out.entities_ = TRY(index_of(in.entities, "entity", newest));
    out.issuers_ = TRY(index_of(in.issuers, "issuer", newest));
    out.readers_ = TRY(index_of(in.readers, "reader", newest));
    TRY_VOID(out.index_zones());
    out.index_holders();
    for (const auto& hand : in.hands) {
        if (!out.hands_.emplace(hand.id, hand.person))
            return fail(ErrorCode::malformed, twice("hand", hand.id, kAtItsOwnTime));
    }
    return out;
}

// The tree is that of now. A zone, or a host, that is no longer there may stand in one that is not either.
Result<> Directory::index_zones() {
    children_.resize(data_.zones.size());
    around_.resize(data_.zones.size());
    sites_.resize(data_.zones.size(), kNoZone);
    for (const auto& zone : data_.zones) {
        if (!zone.known.at(kNow)) continue;
        std::size_t depth = 0;
        for (const auto* at = &zone; !at->parent.empty(); at = this->zone(at->parent)) {
            if (this->zone(at->parent) == nullptr) {
                return fail(ErrorCode::malformed, "zone \"" + printable(at->id) + "\": its parent \"" +
                                                      printable(at->parent) +
                                                      "\" is not there; add that zone");
            }
            if (++depth > kZoneDepth) {
                return fail(
                    ErrorCode::malformed,
                    "zone \"" + printable(zone.id) + "\": its parents lead in a circle, or are more than 16");
            }
        }
        const auto number = number_of(zone.id);
        if (!zone.parent.empty()) children_[place(number_of(zone.parent))].push_back(number);
        auto& around = around_[place(number)];
        auto& site = sites_[place(number)];
        for (const auto* at = &zone; at != nullptr; at = this->zone(at->parent)) {
            around.push_back(number_of(at->id));
            if (site == kNoZone && at->kind == ZoneKind::site) site = around.back();
        }
    }
    for (const auto& host : data_.hosts) {
        if (host.known.at(kNow) && zone(host.zone) == nullptr) {
            return fail(ErrorCode::malformed, "host \"" + printable(host.id) + "\": its zone \"" +
                                                  printable(host.zone) + "\" is not there; add that zone");
        }
    }
    return {};
}

void Directory::index_holders() {
    using Stretches = std::vector<std::pair<const Known*, const std::string*>>;
    const auto fill = [&](std::vector<std::string> Person::* list, Holders& holders) {
        std::map<std::string_view, Stretches> by_id;
        for (const auto& person : data_.persons) {
            for (const auto& id : person.*list) by_id[id].emplace_back(&person.known, &person.id);
        }
        for (const auto& [id, stretches] : by_id) {
            std::set<Millis> edges;
            for (const auto& [known, person] : stretches) edges.insert({known->receipt.at, known->until});
            auto& out = holders[id];
            for (auto edge = edges.begin(); std::next(edge) != edges.end(); ++edge) {
                Held held{.from = *edge, .until = *std::next(edge), .persons = {}};
                for (const auto& [known, person] : stretches) {
                    if (known->at(held.from)) held.persons.push_back(*person);
                }
                out.push_back(std::move(held));
            }
        }
    };
    fill(&Person::keys, keys_);
    fill(&Person::credentials, credentials_);
}

const std::vector<std::string>& Directory::held(const Holders& holders, std::string_view id, Millis as_of) {
    static const std::vector<std::string> kNobody;
    const auto* stretches = holders.find(id);
    if (stretches == nullptr) return kNobody;
    for (const auto& stretch : *stretches) {
        if (stretch.from <= as_of && (stretch.until == kNow || as_of < stretch.until)) return stretch.persons;
    }
    return kNobody;
}

const Zone* Directory::zone(std::string_view id, Millis as_of) const {
    return at(zones_, data_.zones, id, as_of);
}
const Person* Directory::person(std::string_view id, Millis as_of) const {
    return at(persons_, data_.persons, id, as_of);
}
const Host* Directory::host(std::string_view id, Millis as_of) const {
    return at(hosts_, data_.hosts, id, as_of);
}
const Entity* Directory::entity(std::string_view id, Millis as_of) const {
    return at(entities_, data_.entities, id, as_of);
}
const Issuer* Directory::issuer(std::string_view id, Millis as_of) const {
    return at(issuers_, data_.issuers, id, as_of);
}
const Reader* Directory::reader(std::string_view id, Millis as_of) const {
    return at(readers_, data_.readers, id, as_of);
}
const std::vector<std::string>& Directory::holders_of_key(std::string_view key, Millis as_of) const {
    return held(keys_, key, as_of);
}
const std::vector<std::string>& Directory::holders_of_credential(std::string_view credential,
                                                                 Millis as_of) const {
    return held(credentials_, credential, as_of);
}
std::string_view Directory::person_of_hand(std::string_view hand) const {
    const auto* person = hands_.find(hand);
    return person == nullptr ? std::string_view() : *person;
}
ZoneNumber Directory::number_of(std::string_view zone) const {
    const auto* versions = zones_.find(zone);
    return versions == nullptr ? kNoZone : static_cast<ZoneNumber>(versions->front());
}
bool Directory::within(ZoneNumber inner, ZoneNumber outer) const {
    return inner != kNoZone && std::ranges::find(around_[place(inner)], outer) != around_[place(inner)].end();
}
ZoneNumber Directory::site_of(ZoneNumber zone) const {
    return zone == kNoZone ? kNoZone : sites_[place(zone)];
}
std::vector<ZoneNumber> Directory::all_within(ZoneNumber zone) const {
    std::vector<ZoneNumber> out;
    if (zone != kNoZone) out.push_back(zone);
    for (std::size_t i = 0; i < out.size(); ++i) {
        const auto& children = children_[place(out[i])];
        out.insert(out.end(), children.begin(), children.end());
    }
    return out;
}

// The tree of another time was checked when it was in force, if ever: no further than a tree may be deep.
template <typename Found>
const Zone* Directory::outward(std::string_view id, Millis as_of, Found&& found) const {
    const auto* at = zone(id, as_of);
    for (std::size_t depth = 0; at != nullptr && depth <= kZoneDepth; ++depth) {
        if (found(*at)) return at;
        at = zone(at->parent, as_of);
    }
    return nullptr;
}

std::vector<std::string_view> Directory::around(std::string_view id, Millis as_of) const {
    std::vector<std::string_view> out;
    outward(id, as_of, [&](const Zone& at) {
        out.push_back(at.id);
        return false;
    });
    return out;
}

// The tree in force has an index, and it mostly was in force at the event too.
bool Directory::within(std::string_view inner, std::string_view outer, Millis as_of) const {
    if (as_of < zones_changed_)
        return outward(inner, as_of, [&](const Zone& at) { return at.id == outer; }) != nullptr;
    return within(number_of(inner), number_of(outer));
}

std::string_view Directory::enclosing(std::string_view id, ZoneKind kind, Millis as_of) const {
    const auto* found = outward(id, as_of, [&](const Zone& at) { return at.kind == kind; });
    return found == nullptr ? std::string_view() : found->id;
}

std::string_view Directory::presence_zone(const Host& host, Millis as_of) const {
    const auto* found =
        outward(host.zone, as_of, [](const Zone& at) { return at.kind != ZoneKind::rack || at.locked; });
    return found == nullptr ? std::string_view(host.zone) : found->id;
}

std::vector<std::string> Directory::owners_of(std::string_view id, Millis as_of) const {
    std::vector<std::string> out{std::string(id)};
    for (std::size_t i = 0; i < out.size() && out.size() < data_.entities.size() + 1; ++i) {
        const auto* of = entity(out[i], as_of);
        if (of == nullptr) continue;
        for (const auto& owner : of->owners) {
            if (std::ranges::find(out, owner) == out.end()) out.push_back(owner);
        }
    }
    return out;
}

}  // namespace assay::accompaniment
