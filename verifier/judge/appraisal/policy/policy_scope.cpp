#include "verifier/judge/appraisal/policy/policy_scope.h"

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "evidence/base/text.h"
#include "verifier/judge/appraisal/checks/findings.h"

namespace assay::judge {
namespace {

constexpr std::size_t kLabelName = 64;

// Whether it is this host and its own evidence is not the owner's to weigh, nor what the verifier's memory of
// clock and journal stands on.
bool is_of_the_evidence_itself(std::string_view id) {
    constexpr std::array<std::string_view, 7> kKinds{"quote.",     "manifest.", "identity.", "section.",
                                                     "appraisal.", "clock.",    "journal."};
    return std::ranges::any_of(kKinds, [&](std::string_view kind) { return id.starts_with(kind); });
}

}  // namespace

std::string to_text(const Labels& labels) {
    std::string out;
    for (const auto& [name, value] : labels) {
        out += fmt::format("{}{}={}", out.empty() ? "" : ", ", name, printable(value));
    }
    return out.empty() ? "none" : out;
}

bool is_label_name(std::string_view name) {
    const auto good = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    };
    return !name.empty() && name.size() <= kLabelName && std::ranges::all_of(name, good);
}

bool PolicySelector::selects(const Labels& labels) const {
    return std::ranges::all_of(wanted, [&](const auto& each) {
        const auto found = labels.find(each.first);
        return found != labels.end() && std::ranges::find(each.second, found->second) != each.second.end();
    });
}

bool PolicySelector::meets(const PolicySelector& other) const {
    return std::ranges::all_of(wanted, [&](const auto& each) {
        const auto same = other.wanted.find(each.first);
        return same == other.wanted.end() ||
               std::ranges::find_first_of(each.second, same->second) != each.second.end();
    });
}

Result<PolicySelector> read_selector(const TomlReader& policy) {
    PolicySelector selector;
    selector.where = policy.where("select");
    const auto table = TRY(policy.optional_table("select"));
    if (!table) return selector;
    for (const auto& name : table->keys()) {
        if (!is_label_name(name))
            return table->refuse(
                name, fmt::format("'{}' is no name of a label; use a-z, 0-9, _ and -", printable(name)));
        selector.wanted[name] = TRY(table->texts(name));
    }
    if (selector.wanted.empty())
        return policy.refuse("select",
                             "[select] names no label; name one, as in role = [\"database\"], or remove it");
    return selector;
}

Tier TierRules::of(std::string_view id, Tier tier) const {
    if (tier == Tier::affirming || tier == Tier::none || is_of_the_evidence_itself(id)) return tier;
    const auto found = by_id.find(id);
    if (found != by_id.end()) return found->second;
    return observe ? Tier::warning : tier;
}

Result<TierRules> read_tiers(const TomlReader& policy) {
    TierRules rules;
    const auto table = TRY(policy.optional_table("tiers"));
    if (!table) return rules;
    for (const auto& id : table->keys()) {
        const auto text = TRY(table->text(id));
        const auto tier = tier_from_name(text);
        if (!tier || (*tier != Tier::warning && *tier != Tier::contraindicated))
            return table->refuse(
                id,
                fmt::format("'{}' is no tier of a finding; use warning or contraindicated", printable(text)));
        if (id == "*") {
            if (*tier != Tier::warning)
                return table->refuse(id, "\"*\" can only be \"warning\"; name the findings that weigh more");
            rules.observe = true;
            continue;
        }
        if (find_finding(id) == nullptr)
            return table->refuse(
                id, fmt::format("no finding has the id '{}'; 'assay explain' lists them", printable(id)));
        if (is_of_the_evidence_itself(id))
            return table->refuse(
                id, fmt::format("'{}' decides whether the evidence is this host's own and in order; it "
                                "weighs what it weighs: remove the line",
                                printable(id)));
        rules.by_id[id] = *tier;
    }
    return rules;
}

}  // namespace assay::judge
