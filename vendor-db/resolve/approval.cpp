#include <algorithm>
#include <compare>
#include <iterator>

#include <fmt/core.h>

#include "vendor-db/load/loader.h"

namespace assay::vendors {
namespace {

int strictness(Decision decision) {
    switch (decision) {
        case Decision::deny:
            return 2;
        case Decision::review:
            return 1;
        case Decision::allow:
            return 0;
    }
    return 2;
}

/// How closely a ruling names what is asked about; greater is more specific. Member by member.
struct Specificity {
    enum class By : std::uint8_t { country, owner_of_listed, listed, owner, entity };
    By by = By::country;
    bool component = false;
    bool site = false;
    auto operator<=>(const Specificity&) const = default;
};

/// A ruling that covers what is asked, and how it got there.
struct Match {
    const Ruling* ruling = nullptr;
    Specificity specificity;
    std::string chain;
    std::string doubt;  ///< why it must not decide: then it asks for a review at most

    [[nodiscard]] Decision decision() const { return doubt.empty() ? ruling->decision : Decision::review; }
    [[nodiscard]] bool beats(const Match& other) const {
        if (specificity != other.specificity) return specificity > other.specificity;
        return strictness(decision()) > strictness(other.decision());
    }
};

void keep_better(std::optional<Match>& kept, Match match) {
    if (!kept || match.beats(*kept)) kept = std::move(match);
}

Approval approval_of(const Match& match) {
    const auto& ruling = *match.ruling;
    Approval out{.decision = match.decision(),
                 .reason = ruling.reason,
                 .approver = ruling.approver,
                 .where = ruling.where,
                 .document = ruling.document,
                 .chain = match.chain,
                 .grandfather = std::nullopt};
    if (!match.doubt.empty()) {
        out.reason = fmt::format("{} to be reviewed and not decided: {}; {}", to_string(ruling.decision),
                                 match.doubt, ruling.reason);
    } else if (ruling.decision == Decision::deny) {
        out.grandfather = ruling.grandfather;
    }
    return out;
}

constexpr std::string_view kWeak = "it rests on a weak source";

}  // namespace

Span VendorDb::unchanged_around(std::int64_t at) const {
    const auto next = std::ranges::upper_bound(times_, at);
    Span out;
    if (next != times_.begin()) out.from = *std::prev(next);
    if (next != times_.end()) out.to = *next;
    return out;
}

Approval VendorDb::approval(const Question& question) const {
    using By = Specificity::By;
    std::optional<Match> firm;
    std::optional<Match> doubtful;
    const auto covers = [&](const Ruling& ruling) {
        return ruling.span.covers(question.at) &&
               (ruling.component == Component::any || ruling.component == question.component) &&
               (ruling.site.empty() || ruling.site == question.site);
    };
    const auto take = [&](const Ruling& ruling, By by, std::string chain, std::string doubt) {
        Match match{&ruling,
                    {by, ruling.component != Component::any, !ruling.site.empty()},
                    std::move(chain),
                    std::move(doubt)};
        if (match.doubt.empty()) return keep_better(firm, std::move(match));
        if (ruling.decision != Decision::allow) keep_better(doubtful, std::move(match));
    };

    if (const auto naming = naming_.find(question.entity); naming != naming_.end()) {
        for (const auto index : naming->second) {
            if (covers(rulings_[index])) take(rulings_[index], By::entity, {}, {});
        }
    }
    const auto take_listings = [&](const Ruling& ruling, std::string_view party, By by,
                                   const OwnershipChain& chain) {
        std::vector<Listing> found;
        if (chain.steps.empty())
            found = listings(party, question.at);
        else
            add_listings(party, chain, nullptr, question.at, found);
        for (const auto& listing : found) {
            if (listing.list->id != ruling.target) continue;
            if (!listing.in_effect(question.at) && !listing.ahead(question.at)) continue;
            std::string doubt;
            if (listing.weak) doubt = kWeak;
            if (listing.ahead(question.at))
                doubt = "it is not effective before " + date_text(*listing.entry->effective_from);
            take(ruling, listing.chain.steps.empty() ? by : By::owner_of_listed,
                 in_words(listing, question.at), std::move(doubt));
        }
    };
    for (const auto index : by_rule_) {
        const auto& ruling = rulings_[index];
        if (!covers(ruling)) continue;
        if (ruling.subject == Subject::country) {
            const auto entity = entities_.find(question.entity);
            if (entity != entities_.end() && entity->second.country == ruling.target)
                take(ruling, By::country, "seat in " + ruling.target, {});
            continue;
        }
        if (ruling.subject == Subject::listed) take_listings(ruling, question.entity, By::listed, {});
        if (!ruling.reach) continue;
        for (const auto& [owner, chain] : owners_of(question.entity, *ruling.reach, question.at)) {
            if (ruling.subject == Subject::listed) {
                take_listings(ruling, owner, By::owner_of_listed, chain);
            } else if (owner == ruling.target) {
                take(ruling, By::owner, in_words(chain), chain.weak ? std::string(kWeak) : "");
            }
        }
    }

    // Doubt never lifts a denial, and gives way to what the owner said more closely.
    if (doubtful &&
        (!firm || (firm->ruling->decision == Decision::allow && doubtful->specificity > firm->specificity))) {
        return approval_of(*doubtful);
    }
    if (firm) return approval_of(*firm);
    return {Decision::review, "", "", "no decision", "", "", std::nullopt};
}

}  // namespace assay::vendors
