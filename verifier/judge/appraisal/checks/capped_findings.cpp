#include "verifier/judge/appraisal/checks/capped_findings.h"

#include <algorithm>
#include <tuple>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "evidence/base/text.h"
#include "verifier/judge/appraisal/checks/findings.h"

namespace assay::judge {
namespace {

constexpr std::size_t kKindText = 64;      // bytes of a subject's first word
constexpr std::size_t kEscaped = 6;        // bytes of one byte as JSON, at most: \u0001
constexpr std::size_t kMemberNames = 256;  // with quotes, colons, commas, the names of tier and basis

bool is_worse(Tier a, Tier b) {
    return a != b && worst(a, b) == a;
}

std::size_t encoded_size(const Finding& finding) {
    return to_json(finding).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace).size() + 1;
}

bool fits(const std::vector<Finding>& findings, std::size_t (*size)(const Finding&)) {
    std::size_t total = 0;
    for (const auto& finding : findings) total += size(finding);
    return total <= kFindingsSize;
}

}  // namespace

std::size_t encoded_size_at_most(const Finding& finding) {
    std::size_t text = 0;
    for (const auto* each : {&finding.id, &finding.subject, &finding.expected, &finding.actual,
                             &finding.evidence, &finding.remedy})
        text += each->size();
    return kMemberNames + (kEscaped * text);
}

void LeftOut::add(Tier tier, Basis basis, std::string_view subject, std::uint64_t many) {
    if (count == 0) kind = shortened(subject.substr(0, subject.find(' ')), kKindText);
    worst = count == 0 ? tier : assay::worst(worst, tier);
    weakest = std::max(weakest, basis);  // Basis is ordered from strongest to weakest
    count += many;
}

Finding LeftOut::summary(std::string_view id) const {
    const auto* declared = find_finding(id);
    // The number stands in the subject, where it does not tell apart two hosts with the same fault.
    return {std::string(id),  worst,
            weakest,          fmt::format("{} and {} more", kind, count),
            "none",           "more than are named one by one",
            "this appraisal", declared == nullptr ? std::string() : std::string(declared->remedy)};
}

CappedFindings::Kind& CappedFindings::kind(std::string_view id) {
    const auto found = kinds_.find(id);
    if (found != kinds_.end()) return found->second;
    return kinds_.emplace(id, Kind{{}, {}, next_place_++}).first->second;
}

void CappedFindings::add(Finding finding) {
    auto& [kept, left_out, place] = kind(finding.id);
    if (std::ranges::find(kept, finding, &Kept::finding) != kept.end()) return;
    const auto tier = finding.tier;
    const auto at =
        std::ranges::find_if(kept, [tier](const Kept& each) { return is_worse(tier, each.finding.tier); });
    kept.insert(at, {std::move(finding), next_place_++});
    if (kept.size() <= kFindingsOfAKind) return;
    const auto& last = kept.back().finding;
    left_out.add(last.tier, last.basis, last.subject);
    kept.pop_back();
}

void CappedFindings::add_left_out(std::string_view id, const LeftOut& more) {
    kind(id).left_out.add(more.worst, more.weakest, more.kind, more.count);
}

std::vector<Finding> CappedFindings::list(std::size_t of_a_kind) const {
    struct Placed {
        std::size_t place;
        bool stands_for_others;
        Finding finding;
    };
    std::vector<Placed> placed;
    for (const auto& [id, kind] : kinds_) {
        auto last = kind.place;
        auto left_out = kind.left_out;
        for (std::size_t i = 0; i < kind.kept.size(); ++i) {
            const auto& [finding, place] = kind.kept[i];
            if (i < of_a_kind) {
                placed.push_back({place, false, finding});
                last = std::max(last, place);
            } else {
                left_out.add(finding.tier, finding.basis, finding.subject);
            }
        }
        if (left_out.count > 0) placed.push_back({last, true, left_out.summary(id)});
    }
    std::ranges::sort(placed, [](const Placed& a, const Placed& b) {
        return std::tie(a.place, a.stands_for_others) < std::tie(b.place, b.stands_for_others);
    });
    std::vector<Finding> out;
    out.reserve(placed.size());
    for (auto& each : placed) out.push_back(std::move(each.finding));
    return out;
}

std::vector<Finding> CappedFindings::list() const {
    auto out = list(kFindingsOfAKind);
    if (fits(out, encoded_size_at_most)) return out;
    for (auto of_a_kind = kFindingsOfAKind; of_a_kind > 0 && !fits(out, encoded_size);) {
        of_a_kind /= 2;
        out = list(of_a_kind);
    }
    return out;
}

}  // namespace assay::judge
