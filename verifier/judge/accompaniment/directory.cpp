#include "verifier/judge/accompaniment/directory.h"

#include <algorithm>
#include <array>

#include "evidence/base/text.h"

namespace assay::accompaniment {
namespace {

constexpr std::array<std::string_view, 5> kZoneKinds = {"site", "building", "room", "cage", "rack"};

template <typename T>
Result<TextMap<std::size_t>> index_of(const std::vector<T>& all, std::string_view what) {
    TextMap<std::size_t> index;
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (!index.emplace(all[i].id, i).second) {
            return fail(ErrorCode::malformed, std::string(what) + " \"" + printable(all[i].id) +
                                                  "\" is there twice; an id names one thing");
        }
    }
    return index;
}

template <typename T>
const T* at(const TextMap<std::size_t>& index, const std::vector<T>& all, std::string_view id) {
    const auto found = index.find(id);
    return found == index.end() ? nullptr : &all[found->second];
}

const std::vector<std::string>& held(const TextMap<std::vector<std::string>>& holders, std::string_view id) {
    static const std::vector<std::string> kNobody;
    const auto found = holders.find(id);
    return found == holders.end() ? kNobody : found->second;
}

}  // namespace

std::string_view to_string(ZoneKind kind) {
    return kZoneKinds.at(static_cast<std::size_t>(kind));
}

Result<Directory> Directory::of(DirectoryData data) {
    Directory out;
    out.data_ = std::move(data);
    const auto& in = out.data_;
    out.zones_ = TRY(index_of(in.zones, "zone"));
    out.persons_ = TRY(index_of(in.persons, "person"));
    out.hosts_ = TRY(index_of(in.hosts, "host"));
    for (std::size_t i = 0; i < in.hosts.size(); ++i) {
        if (!in.hosts[i].ek.empty() && !out.hosts_.emplace(in.hosts[i].ek, i).second) {
            return fail(ErrorCode::malformed, "host \"" + printable(in.hosts[i].id) +
                                                  "\": its ek is another host's; one TPM is in one host");
        }
    }
    out.entities_ = TRY(index_of(in.entities, "entity"));
    out.issuers_ = TRY(index_of(in.issuers, "issuer"));
    out.readers_ = TRY(index_of(in.readers, "reader"));
    for (const auto& zone : in.zones) {
        std::size_t depth = 0;
        for (const auto* at = &zone; !at->parent.empty(); at = out.zone(at->parent)) {
            if (out.zone(at->parent) == nullptr) {
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
        if (!zone.parent.empty()) out.children_[zone.parent].push_back(zone.id);
        auto& around = out.around_[zone.id];
        for (const auto* at = &zone; at != nullptr; at = out.zone(at->parent)) around.push_back(at->id);
    }
    for (const auto& host : in.hosts) {
        if (out.zone(host.zone) == nullptr) {
            return fail(ErrorCode::malformed, "host \"" + printable(host.id) + "\": its zone \"" +
                                                  printable(host.zone) + "\" is not there; add that zone");
        }
    }
    for (const auto& person : in.persons) {
        for (const auto& key : person.keys) out.keys_[key].push_back(person.id);
        for (const auto& credential : person.credentials) out.credentials_[credential].push_back(person.id);
    }
    return out;
}

const Zone* Directory::zone(std::string_view id) const {
    return at(zones_, data_.zones, id);
}
const Person* Directory::person(std::string_view id) const {
    return at(persons_, data_.persons, id);
}
const Host* Directory::host(std::string_view id) const {
    return at(hosts_, data_.hosts, id);
}
const Entity* Directory::entity(std::string_view id) const {
    return at(entities_, data_.entities, id);
}
const Issuer* Directory::issuer(std::string_view id) const {
    return at(issuers_, data_.issuers, id);
}
const Reader* Directory::reader(std::string_view id) const {
    return at(readers_, data_.readers, id);
}
const std::vector<std::string>& Directory::holders_of_key(std::string_view key) const {
    return held(keys_, key);
}
const std::vector<std::string>& Directory::holders_of_credential(std::string_view credential) const {
    return held(credentials_, credential);
}
const std::vector<std::string>& Directory::children(std::string_view zone) const {
    return held(children_, zone);
}

const std::vector<std::string>& Directory::around(std::string_view id) const {
    return held(around_, id);
}

bool Directory::within(std::string_view inner, std::string_view outer) const {
    const auto& zones = around(inner);
    return std::ranges::find(zones, outer) != zones.end();
}

std::string_view Directory::enclosing(std::string_view id, ZoneKind kind) const {
    for (const auto* at = zone(id); at != nullptr; at = zone(at->parent)) {
        if (at->kind == kind) return at->id;
    }
    return {};
}

std::string_view Directory::presence_zone(const Host& host) const {
    for (const auto* at = zone(host.zone); at != nullptr; at = zone(at->parent)) {
        if (at->kind != ZoneKind::rack || at->locked) return at->id;
    }
    return host.zone;
}

std::vector<std::string> Directory::owners_of(std::string_view id) const {
    std::vector<std::string> out{std::string(id)};
    for (std::size_t i = 0; i < out.size() && out.size() < data_.entities.size() + 1; ++i) {
        const auto* of = entity(out[i]);
        if (of == nullptr) continue;
        for (const auto& owner : of->owners) {
            if (std::ranges::find(out, owner) == out.end()) out.push_back(owner);
        }
    }
    return out;
}

}  // namespace assay::accompaniment
