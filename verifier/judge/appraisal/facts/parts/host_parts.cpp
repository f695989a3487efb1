#include "verifier/judge/appraisal/facts/parts/host_parts.h"

#include <utility>

#include "evidence/base/bounded_cache.h"
#include "evidence/wire/section/section_names.h"
#include "verifier/judge/appraisal/checks/vendor_judgement.h"
#include "verifier/judge/appraisal/facts/parts/components.h"

namespace assay::judge {
namespace {

constexpr std::size_t kKeptLists = 1024;  // of one thread
constexpr std::size_t kPartBytes = 512;   // of one part, about

thread_local std::size_t made_lists = 0;

// Of the sections that tell of the host's parts. Absent where one of them is not held: then it is decoded
// anew with each report, and nothing of it is seen again.
std::optional<std::size_t> held_bytes(const NamedSections& sections) {
    std::size_t bytes = 0;
    for (const auto name : {section::kSmbios, section::kPci, section::kStorage, section::kNetwork,
                            section::kBmc, section::kUsb, section::kTpm}) {
        const auto found = sections.find(name);
        if (found && !sections.find_held(name)) return std::nullopt;
        bytes += found ? found->size() : 0;
    }
    return bytes;
}

}  // namespace

HostParts::HostParts(const BoundClaims& claims) : list_(components_of(claims)) {}

HostParts::~HostParts() = default;

std::shared_ptr<const HostParts> HostParts::of(const BoundClaims& claims, const NamedSections& sections) {
    // A key keeps its sections, so no other section can have their addresses. Of sections that are not held
    // the last list is kept, as one report is asked for its parts more than once.
    thread_local std::pair<BoundClaims::Parts, std::shared_ptr<const HostParts>> last;
    thread_local BoundedCache<BoundClaims::Parts, std::shared_ptr<const HostParts>> lists(
        {.bytes = kKeptBytes, .entries = kKeptLists});
    const auto held = held_bytes(sections);
    const auto key = claims.parts();
    if (held) {
        if (const auto* found = lists.find(key)) return *found;
    } else if (last.second && last.first == key) {
        return last.second;
    }
    ++made_lists;
    auto made = std::make_shared<const HostParts>(claims);
    if (held)
        lists.add(key, made, *held + made->list().size() * kPartBytes);
    else
        last = {key, made};
    return made;
}

std::shared_ptr<const JudgedMakers> HostParts::makers(const Examined& examined,
                                                      vendors::Component kind) const {
    const auto& vendors = examined.inputs.vendors;
    const auto& site = examined.inputs.known_host.site;
    const auto now = examined.inputs.now;
    if (!asked_ || asked_->vendors != vendors.digest() || asked_->site != site.value_or("") ||
        !asked_->time.covers(now)) {
        makers_.clear();
        asked_ = {vendors.digest(), site.value_or(""), vendors.unchanged_around(now)};
    }
    if (const auto kept = makers_.find(kind); kept != makers_.end()) return kept->second;
    VendorJudgement judgement(examined, kind);
    auto made = std::make_shared<const JudgedMakers>(judgement.judge(list_));
    if (!judgement.asked_for_exception()) makers_.emplace(kind, made);
    return made;
}

std::size_t made_part_lists() {
    return made_lists;
}

}  // namespace assay::judge
