#include "verifier/judge/devices/case_list.h"

#include <algorithm>

#include <fmt/core.h>

#include "evidence/base/limits.h"
#include "evidence/base/text.h"
#include "verifier/judge/devices/recorded_device.h"

namespace assay::judge {
namespace {

constexpr std::size_t kMostCases = 2 * limits::kOpenMatters;  // while one journal part is followed
constexpr const char* kUnattested = "usb.unattested";

}  // namespace

void set_gone(MatterDevice& device, std::uint64_t record, const accompaniment::Span& time) {
    device.gone_record = record;
    device.gone_from_ms = time.from;
    device.gone_to_ms = time.to;
}

bool went_unseen(const MatterDevice& device) {
    return device.gone_record != 0 && device.gone_from_ms < device.gone_to_ms;
}

bool is_there(const OpenMatter& matter) {
    return matter.device && matter.device->gone_record == 0;
}

bool is_of_a_stay(const OpenMatter& matter) {
    return matter.device && matter.id != "usb.removed_unaccompanied" && matter.id != "usb.ghost_device";
}

bool is_of_a_session(const OpenMatter& matter) {
    return matter.id == kUnattested && matter.device && !matter.verdict;
}

void CaseList::carry_on(const OpenMatter& matter, const JournalRecord* own) {
    if (own != nullptr && matter.device && are_same(device_of(*own), *matter.device))
        again_.insert(all_.size());
    all_.push_back(matter);
}

bool CaseList::change(const MatterDevice& device, std::uint64_t record,
                      const std::function<void(std::size_t, MatterDevice&)>& change) {
    bool any = false;
    for (std::size_t i = 0; i < all_.size(); ++i) {
        if (!was_there(i, record) || !are_same(*all_[i].device, device)) continue;
        any = any || !is_of_a_session(all_[i]);
        change(i, changed(i, record));
    }
    return any;
}

MatterDevice& CaseList::changed(std::size_t place, std::uint64_t record) {
    auto& device = *all_[place].device;
    if (record > through_) kept_.try_emplace(place, device);
    return device;
}

void CaseList::reopen(std::size_t place, std::uint64_t record) {
    set_gone(changed(place, record), 0, {});
    if (const auto kept = kept_.find(place); kept != kept_.end()) set_gone(kept->second, 0, {});
}

OpenMatter* CaseList::add(std::string_view id, const std::string& subject, const MatterDevice& device,
                          std::uint64_t record) {
    const auto told = [&](const OpenMatter& each) {
        return each.record == record && each.id == id && each.subject == subject;
    };
    if (std::ranges::any_of(all_, told)) return nullptr;
    if (all_.size() >= kMostCases) {
        ++(record <= through_ ? more_ : more_again_);
        return nullptr;
    }
    auto& matter = all_.emplace_back();
    matter.id = id;
    matter.subject = subject;
    matter.basis = basis_;
    matter.since = now_;
    matter.record = record;
    matter.where = fmt::format("journal: record {}", record);
    matter.device = device;
    return &matter;
}

void CaseList::tell(const JudgedMatter& what, const std::string& subject, const MatterDevice& device,
                    std::uint64_t record) {
    auto* matter = add(what.id, subject, device, record);
    if (matter == nullptr) return;
    matter->tier = to_string(what.tier);
    matter->expected = what.expected;
    matter->actual = what.actual;
}

void CaseList::tell_covered(const accompaniment::SessionCover& cover, const std::string& subject,
                            const MatterDevice& device, std::uint64_t record) {
    const auto told = [&](const OpenMatter& each) {
        return is_of_a_session(each) && are_same(*each.device, device) &&
               (is_there(each) || each.device->gone_record == record);
    };
    if (cover.unlisted.empty() || std::ranges::any_of(all_, told)) return;
    tell({.id = kUnattested,
          .tier = Tier::warning,
          .expected = "a session whose order, technician and escort the verifier has",
          .actual = fmt::format("session {}, opened unlisted by {}", printable(cover.session),
                                printable(cover.unlisted))},
         subject, device, record);
}

void CaseList::judge(const JudgedEvent& event, const MatterDevice& device, const std::string& subject) {
    const auto found = matters_of(event);
    const auto set_verdict = [&](OpenMatter& matter, const JudgedMatter& what) {
        matter.tier = to_string(what.tier);
        matter.basis = basis_;
        matter.expected = what.expected;
        matter.actual = what.actual;
        matter.where = fmt::format("journal: record {}; verdict {}", event.record, printable(event.sha256));
        matter.verdict = event;
        matter.verdict->device.reset();
    };
    for (std::size_t i = 0; i < all_.size(); ++i) {
        auto& matter = all_[i];
        if (matter.record != event.record || !matter.verdict) continue;
        const auto again = std::ranges::find(found, matter.id, &JudgedMatter::id);
        if (again == found.end()) {
            drop(i);
        } else {
            set_verdict(matter, *again);
        }
    }
    for (const auto& what : found) {
        const auto told = [&](const OpenMatter& each) {
            return each.record == event.record && each.id == what.id;
        };
        if (std::ranges::any_of(all_, told)) continue;
        if (auto* matter = add(what.id, subject, device, event.record)) set_verdict(*matter, what);
    }
}

std::vector<OpenMatter> CaseList::take() && {
    for (auto& [place, device] : kept_) all_[place].device = std::move(device);
    std::erase_if(all_, [](const OpenMatter& each) { return each.id.empty(); });
    return std::move(all_);
}

}  // namespace assay::judge
