#include "verifier/service/casework/directory_change.h"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>

#include <fmt/core.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "evidence/base/text.h"
#include "verifier/service/casework/directory_lists.h"

namespace assay::api::site {
namespace {

using nlohmann::json;
using Elements = std::map<std::string, json>;

Elements elements_of(const json& directory, const char* list) {
    Elements out;
    for (const auto& element : directory.value(list, json::array())) out[element.value("id", "")] = element;
    return out;
}

// Members that one has and the other has not, or has otherwise.
std::set<std::string> differing(const json& a, const json& b) {
    std::set<std::string> out;
    for (const auto& [key, value] : a.items())
        if (!b.contains(key) || b.at(key) != value) out.insert(key);
    for (const auto& [key, value] : b.items())
        if (!a.contains(key)) out.insert(key);
    return out;
}

bool is_within(const json& inner, const json& outer) {
    return std::ranges::all_of(
        inner, [&](const auto& item) { return std::ranges::find(outer, item) != outer.end(); });
}

// Of one member of an element that stays.
bool takes_away(std::string_view list, const std::string& member, const json& before, const json& after) {
    const auto items = [&](const json& of) { return of.value(member, json::array()); };
    if (list == "persons" && member == "escort_ratio")
        return before.contains(member) && after.contains(member) && after.at(member) < before.at(member);
    if (list == "persons")
        return (member == "credentials" || member == "keys" || member == "unescorted_zones" ||
                member == "escort_zones") &&
               is_within(items(after), items(before));
    if (list == "hosts") return member == "in_service" && after.contains(member) && after.at(member) == false;
    if (list != "entities") return false;
    if (member == "owners") return is_within(items(before), items(after));
    return member == "approved" && after.contains(member) && after.at(member) == false;
}

void compare(const char* list, const Elements& before, const Elements& after, DirectoryChange& out) {
    const auto say = [&](std::string_view verb, const std::string& id, const std::string& more = {}) {
        out.words.push_back(fmt::format("{}: {} {}{}", list, verb, printable(id), more));
    };
    const std::string_view name = list;
    for (const auto& [id, element] : after) {
        const auto old = before.find(id);
        if (old == before.end()) {
            say("adds", id);
            out.only_takes_away = false;
            continue;
        }
        const auto members = differing(old->second, element);
        if (members.empty()) continue;
        say("changes", id, fmt::format(" ({})", fmt::join(members, ", ")));
        for (const auto& member : members)
            out.only_takes_away = out.only_takes_away && takes_away(name, member, old->second, element);
    }
    for (const auto& [id, element] : before) {
        if (after.contains(id)) continue;
        say("removes", id);
        out.only_takes_away = out.only_takes_away && (name == "persons" || name == "issuers");
    }
}

}  // namespace

DirectoryChange change_of(const json& before, const json& after) {
    DirectoryChange out;
    for (const auto* list : kDirectoryLists)
        compare(list, elements_of(before, list), elements_of(after, list), out);
    for (const auto& member : differing(before, after)) {
        if (std::ranges::find(kDirectoryLists, std::string_view(member)) != kDirectoryLists.end()) continue;
        out.words.push_back(fmt::format("{}: changes", printable(member)));
        out.only_takes_away = false;
    }
    return out;
}

}  // namespace assay::api::site
