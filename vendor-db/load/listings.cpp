#include <algorithm>

#include "evidence/base/stable_sort.h"
#include "vendor-db/load/loader.h"

namespace assay::vendors {
namespace {

/// The newest change that has come; null before the first.
const StatusChange* status_at(const std::vector<StatusChange>& changes, std::int64_t at) {
    const StatusChange* current = nullptr;
    for (const auto& change : changes) {
        if (change.from <= at) current = &change;
    }
    return current;
}

}  // namespace

bool Listing::in_effect(std::int64_t at) const {
    return status == ListStatus::active && (!entry->effective_from || *entry->effective_from <= at);
}

bool Listing::ahead(std::int64_t at) const {
    return status == ListStatus::active && entry->effective_from && *entry->effective_from > at;
}

/// The listings of `party` as those of whoever is at the lower end of `chain`; of `extension` where that list
/// adds subsidiaries, else of the lists that name the party.
void VendorDb::add_listings(std::string_view party, const OwnershipChain& chain, const List* extension,
                            std::int64_t at, std::vector<Listing>& out) const {
    const auto places = listed_.find(party);
    if (places == listed_.end()) return;
    for (const auto& [list, entry] : places->second) {
        if (entry->listed > at || (extension != nullptr && extension->extends != list->id)) continue;
        Listing listing{extension == nullptr ? list : extension, entry, std::string(party), chain};
        listing.weak = chain.weak || entry->confidence == Confidence::weak;
        // Whatever is not active, of the list, of the entry, or of the list that adds subsidiaries, decides.
        bool begun = true;
        bool first = true;
        for (const auto* changes :
             {&list->statuses, extension == nullptr ? nullptr : &extension->statuses, &entry->statuses}) {
            if (changes == nullptr || changes->empty()) continue;
            const auto* current = status_at(*changes, at);
            if (current == nullptr) {
                begun = false;
                break;
            }
            listing.weak = listing.weak || current->confidence == Confidence::weak;
            if (first || (listing.status == ListStatus::active &&
                          (current->status != ListStatus::active || current->from > listing.status_from))) {
                listing.status = current->status;
                listing.status_from = current->from;
            }
            first = false;
        }
        if (begun) out.push_back(std::move(listing));
    }
}

std::vector<Listing> VendorDb::listings(std::string_view entity, std::int64_t at) const {
    std::vector<Listing> out;
    add_listings(entity, {}, nullptr, at, out);
    for (const auto& [id, list] : lists_) {
        if (list.extends.empty()) continue;
        for (const auto& [owner, chain] : owners_of(entity, list.reach, at)) {
            add_listings(owner, chain, &list, at, out);
        }
    }
    sort_stably(out, {}, [](const Listing& listing) { return listing.list->id; });
    return out;
}

}  // namespace assay::vendors
