#include "verifier/judge/changes/seen_change.h"

#include <map>

#include <fmt/core.h>

#include "evidence/base/text.h"

namespace assay::judge {

std::string ChangeSpan::text() const {
    return fmt::format("between {} and {}", utc_text(from), utc_text(to));
}

std::vector<SeenChange> bounded(std::vector<SeenChange> changes) {
    std::vector<SeenChange> out;
    std::map<std::string, std::size_t> counted;
    std::map<std::string, SeenChange> rest;
    for (auto& change : changes) {
        if (++counted[change.told.id] <= kChangesOfAnId) {
            out.push_back(std::move(change));
            continue;
        }
        auto& more = rest.try_emplace(change.told.id, SeenChange{.told = change.told}).first->second.told;
        // Another one among those that are not named is another change.
        for (const auto side : {&HostChange::before, &HostChange::after}) {
            Hasher hasher(HashAlgorithm::sha256);
            hasher.update(more.*side).update(change.told.*side);
            more.*side = to_bytes(hasher.finish().view());
        }
    }
    for (auto& [id, more] : rest) {
        more.told.actual = fmt::format("{} more changes of this kind", counted[id] - kChangesOfAnId);
        out.push_back(std::move(more));
    }
    return out;
}

}  // namespace assay::judge
