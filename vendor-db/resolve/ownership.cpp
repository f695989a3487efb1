#include <deque>

#include "vendor-db/load/loader.h"

namespace assay::vendors {
namespace {

bool counts(const Ownership& link, Share least, std::int64_t at) {
    return link.span.covers(at) && (!link.share || *link.share >= least);
}

/// Breadth first, so that the first chain to somebody is a shortest one; sourced links first, so that a weak
/// one is only taken where no sourced chain leads. `next` calls its argument with (neighbour, step).
template <typename Next>
std::map<std::string, OwnershipChain> reached(std::string_view start, Next next) {
    std::map<std::string, OwnershipChain> found;
    const OwnershipChain none;
    for (const bool weak_too : {false, true}) {
        std::deque<std::string> queue{std::string(start)};
        for (const auto& [id, chain] : found) queue.push_back(id);
        while (!queue.empty()) {
            const auto at = std::move(queue.front());
            queue.pop_front();
            const auto here = found.find(at);
            const auto base = here == found.end() ? none : here->second;
            next(at, [&](const std::string& neighbour, const OwnershipStep& step) {
                const bool weak = step.link->confidence == Confidence::weak;
                if ((weak && !weak_too) || neighbour == start || found.contains(neighbour)) return;
                auto chain = base;
                chain.steps.push_back(step);
                chain.weak = chain.weak || weak;
                found.emplace(neighbour, std::move(chain));
                queue.push_back(neighbour);
            });
        }
    }
    return found;
}

}  // namespace

std::map<std::string, OwnershipChain> VendorDb::owners_of(std::string_view entity, Share least,
                                                          std::int64_t at) const {
    return reached(entity, [&](const std::string& owned, const auto& take) {
        const auto found = entities_.find(owned);
        if (found == entities_.end()) return;
        for (const auto& link : found->second.owners) {
            if (counts(link, least, at)) take(link.owner, {owned, &link});
        }
    });
}

std::map<std::string, OwnershipChain> VendorDb::owned_by(std::string_view entity, Share least,
                                                         std::int64_t at) const {
    auto found = reached(entity, [&](const std::string& owner, const auto& take) {
        const auto owned = owns_.find(owner);
        if (owned == owns_.end()) return;
        for (const auto& step : owned->second) {
            if (counts(*step.link, least, at)) take(step.entity, step);
        }
    });
    // Chains read from the subsidiary upwards, whichever way they were walked.
    for (auto& [id, chain] : found) chain.steps = {chain.steps.rbegin(), chain.steps.rend()};
    return found;
}

}  // namespace assay::vendors
