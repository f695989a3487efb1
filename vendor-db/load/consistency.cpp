// What no single table can know: references between files, circles, sums, contradictions.
#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <tuple>

#include "evidence/base/text.h"
#include "vendor-db/load/loader.h"

namespace assay::vendors {
namespace {

std::string quoted(std::string_view text) {
    return "'" + printable(shortened(text, 64)) + "'";
}

/// What both cover; only called for spans that overlap.
Span common(const Span& a, const Span& b) {
    Span out = a;
    if (b.from && (!out.from || *out.from < *b.from)) out.from = b.from;
    if (b.to && (!out.to || *b.to < *out.to)) out.to = b.to;
    return out;
}

struct CircleSearch {
    const std::map<std::string, Entity, std::less<>>& entities;
    std::size_t steps = 0;  // a bound on the work, whatever the files say
    static constexpr std::size_t kSteps = 100'000;

    /// Whether `goal` is among the owners above `at`, all of them at one time within `span`.
    bool leads_back(const std::string& at, const std::string& goal, const Span& span,
                    std::set<std::string>& on_path) {
        const auto entity = entities.find(at);
        if (entity == entities.end()) return false;
        for (const auto& link : entity->second.owners) {
            if (++steps > kSteps) return true;  // refused rather than walked for ever
            if (!link.span.overlaps(span)) continue;
            if (link.owner == goal) return true;
            if (!on_path.insert(link.owner).second) continue;
            const bool found = leads_back(link.owner, goal, common(link.span, span), on_path);
            on_path.erase(link.owner);
            if (found) return true;
        }
        return false;
    }
};

}  // namespace

void Loader::check_owners() {
    for (const auto& [id, entity] : db_.entities_) {
        for (std::size_t i = 0; i < entity.owners.size(); ++i) {
            const auto& link = entity.owners[i];
            if (!db_.entities_.contains(link.owner)) {
                complaints_.add(
                    link.where, "owner " + quoted(link.owner) + " has no vendor file",
                    "correct the id, or add vendors/" + printable(shortened(link.owner, 64)) + ".toml");
            }
            for (std::size_t j = 0; j < i; ++j) {
                const auto& other = entity.owners[j];
                if (other.owner != link.owner || !other.span.overlaps(link.span)) continue;
                complaints_.add(link.where,
                                "owned by " + quoted(link.owner) + " also at " + other.where +
                                    ", for some of the same time",
                                "end one with 'to' where the other begins");
            }
            // The most that is held at one time is held when some share begins.
            const auto begins = link.span.from.value_or(std::numeric_limits<std::int64_t>::min());
            std::uint64_t sum = 0;
            for (const auto& other : entity.owners) {
                if (other.span.covers(begins)) sum += other.share.value_or(0);
            }
            if (sum > kWhole) {
                complaints_.add(link.where,
                                "owners hold " +
                                    share_text(static_cast<Share>(
                                        std::min<std::uint64_t>(sum, std::numeric_limits<Share>::max()))) +
                                    " at one time",
                                "correct a share, or add 'from' and 'to'");
            }
        }
    }
}

void Loader::check_circles() {
    for (const auto& [id, entity] : db_.entities_) {
        for (const auto& link : entity.owners) {
            CircleSearch search{db_.entities_};
            std::set<std::string> on_path;
            if (link.owner != id && !search.leads_back(link.owner, id, link.span, on_path)) continue;
            complaints_.add(link.where, "a circle of ownership: " + quoted(id) + " owns its owner",
                            "correct one of the owners, or their dates");
            break;
        }
    }
}

void Loader::check_lists() {
    for (const auto& [id, list] : db_.lists_) {
        if (!list.extends.empty()) {
            const auto other = db_.lists_.find(list.extends);
            if (other == db_.lists_.end() || !other->second.extends.empty()) {
                complaints_.add(list.file,
                                "extends " + quoted(list.extends) + ", which is no list with entries",
                                "correct 'extends', or add that list");
            }
        }
        for (const auto& entry : list.entries) {
            for (const auto& entity : entry.entities) {
                if (db_.entities_.contains(entity)) continue;
                complaints_.add(entry.where, "no vendor file has id " + quoted(entity),
                                "correct the id, add vendors/<id>.toml, or leave only 'names'");
            }
        }
    }
}

void Loader::check_rulings() {
    using Scope = std::tuple<Subject, std::string, Component, std::string>;
    std::map<Scope, std::vector<const Ruling*>> by_scope;
    for (const auto& ruling : db_.rulings_) {
        switch (ruling.subject) {
            case Subject::entity:
            case Subject::owned_by:
                if (!db_.entities_.contains(ruling.target)) {
                    complaints_.add(ruling.where, "no vendor file has id " + quoted(ruling.target),
                                    "correct the id, or add vendors/<id>.toml");
                }
                break;
            case Subject::listed:
                if (!db_.lists_.contains(ruling.target)) {
                    complaints_.add(ruling.where, "no list has id " + quoted(ruling.target),
                                    "correct the id, or add lists/<id>.toml");
                }
                break;
            case Subject::country:
                break;
        }
        auto& same = by_scope[{ruling.subject, ruling.target, ruling.component, ruling.site}];
        for (const auto* other : same) {
            if (other->decision == ruling.decision || !other->span.overlaps(ruling.span)) continue;
            complaints_.add(ruling.where,
                            std::string(to_string(ruling.decision)) + " for " + quoted(ruling.target) +
                                " contradicts " + std::string(to_string(other->decision)) + " at " +
                                other->where,
                            "end one with 'to' where the other begins, or remove it");
            break;
        }
        same.push_back(&ruling);
    }
}

}  // namespace assay::vendors
