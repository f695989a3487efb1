#include "verifier/judge/appraisal/facts/parts/host_parts.h"

#include <deque>
#include <utility>

#include "evidence/wire/section/section_names.h"
#include "verifier/judge/appraisal/checks/vendor_judgement.h"
#include "verifier/judge/appraisal/facts/parts/components.h"

namespace assay {
namespace {

constexpr std::size_t kKeptLists = 1024;   // of one thread
constexpr std::size_t kKeptParts = 16384;  // in all of them: some 8 MiB

struct Cache {
    // A key keeps its sections, so no other section can have their addresses.
    using Lists = std::map<BoundClaims::Parts, std::shared_ptr<const HostParts>>;
    Lists lists;
    std::deque<Lists::const_iterator> order;  // the newest last
    std::size_t parts = 0;
    std::size_t made = 0;

    void add(const BoundClaims::Parts& sections, std::shared_ptr<const HostParts> list) {
        if (list->list().size() > kKeptParts) return;
        parts += list->list().size();
        order.emplace_back(lists.emplace(sections, std::move(list)).first);
        while (parts > kKeptParts || lists.size() > kKeptLists) {
            parts -= order.front()->second->list().size();
            lists.erase(order.front());
            order.pop_front();
        }
    }
};

Cache& cache() {
    thread_local Cache kept;
    return kept;
}

// Else they are decoded anew with each report, and nothing of them is seen again.
bool are_held(const NamedSections& sections) {
    for (const auto name : {section::kSmbios, section::kPci, section::kStorage, section::kNetwork,
                            section::kBmc, section::kUsb, section::kTpm}) {
        if (sections.find(name) && !sections.find_held(name)) return false;
    }
    return true;
}

}  // namespace

HostParts::HostParts(const BoundClaims& claims) : list_(components_of(claims)) {}

HostParts::~HostParts() = default;

std::shared_ptr<const HostParts> HostParts::of(const BoundClaims& claims, const NamedSections& sections) {
    auto& cached = cache();
    const auto is_kept = are_held(sections);
    const auto key = claims.parts();
    if (is_kept) {
        if (const auto found = cached.lists.find(key); found != cached.lists.end()) return found->second;
    }
    ++cached.made;
    auto made = std::make_shared<const HostParts>(claims);
    if (is_kept) cached.add(key, made);
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
    return cache().made;
}

}  // namespace assay
