#include "verifier/judge/appraisal/checks/check.h"

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "evidence/base/text.h"
#include "verifier/judge/appraisal/steps/examined.h"

namespace assay::judge {
namespace {

constexpr std::size_t kShown = 200;
constexpr std::size_t kLongText = 600;  // texts that Assay composes of several shown ones

constexpr std::array kChecks{
#define APPRAISAL_CHECK(name) NamedCheck{#name, &checks::name},
#include "verifier/judge/appraisal/checks/checks.inc"
#undef APPRAISAL_CHECK
};

// Idempotent on text that `shown` has been over: only what is not printable yet is escaped, so no backslash
// is doubled.
std::string one_line(std::string_view text) {
    const auto plain = std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
    return shortened(plain ? std::string(text) : printable(text), kLongText);
}

}  // namespace

std::span<const NamedCheck> all_checks() {
    return kChecks;
}

const Check* find_check(std::string_view name) {
    const auto found = std::ranges::find(kChecks, name, &NamedCheck::name);
    return found == kChecks.end() ? nullptr : found->check;
}

std::string shown(std::string_view hostile) {
    return shortened(printable(shortened(hostile, kShown)), kShown);
}

void Judge::stands_on(Basis basis) {
    basis_ = has_basis_ ? std::max(basis_, basis) : basis;  // Basis is ordered from strongest to weakest
    has_basis_ = true;
}

void Judge::covered(Basis basis, std::size_t things, std::string summary, std::size_t excused) {
    covered_ += things + excused;
    stands_on(basis);
    summary_ = one_line(things + excused == 0 ? "covered nothing: " + summary : summary);
}

Tier Judge::counted(const FindingKind& kind, Tier tier, Basis basis) {
    reported_ = true;
    stands_on(basis);
    if (tiers_ != nullptr) tier = tiers_->of(kind.id, tier);
    found_ = worst(found_, tier);
    return tier;
}

// Several checks may miss the same section: it is one finding.
void Judge::add(Finding finding) {
    if (capped_ != nullptr)
        capped_->add(std::move(finding));
    else if (std::ranges::find(*list_, finding) == list_->end())
        list_->push_back(std::move(finding));
}

void Judge::report(const FindingKind& kind, Tier tier, Basis basis, Details details) {
    tier = counted(kind, tier, basis);
    add({std::string(kind.id), tier, basis, one_line(details.subject), one_line(details.expected),
         one_line(details.actual), one_line(details.evidence),
         details.remedy.empty() ? std::string(kind.remedy) : one_line(details.remedy)});
}

void About::report(const FindingKind& kind, Tier tier, std::string expected, std::string actual) const {
    judge_->report(kind, tier, basis_,
                   {.subject = subject_,
                    .expected = std::move(expected),
                    .actual = std::move(actual),
                    .evidence = evidence_});
}

void Judge::report_more(const FindingKind& kind, Tier tier, Basis basis, std::string_view subject,
                        std::uint64_t count) {
    if (count == 0) return;
    LeftOut more;
    more.add(counted(kind, tier, basis), basis, one_line(subject), count);
    if (capped_ != nullptr)
        capped_->add_left_out(kind.id, more);
    else
        list_->push_back(more.summary(kind.id));
}

void Judge::report_absent(const Examined& examined, std::string_view section) {
    report(findings::section_absent, Tier::none, examined.basis(),
           {.subject = "section " + std::string(section),
            .expected = "present",
            .actual = "absent: " + examined.sections.why_absent(section),
            .evidence = "manifest"});
    if (summary_.empty()) summary_ = "no data: " + std::string(section);
}

void Judge::merge(const std::vector<Finding>& findings) {
    for (const auto& finding : findings) {
        reported_ = true;
        stands_on(finding.basis);
        found_ = worst(found_, finding.tier);
        add(finding);
    }
}

void Judge::no_answer(NoAnswer why, std::string_view summary) {
    constexpr std::array<std::string_view, 3> kWhy = {"not asked", "does not apply", "cannot tell"};
    unanswered_ = true;
    if (summary_.empty())
        summary_ = one_line(fmt::format("{}: {}", kWhy.at(static_cast<std::size_t>(why)), summary));
}

Tier Judge::tier() const {
    if (reported_) return partly_ ? worst(found_, Tier::none) : found_;
    return covered_ != 0 && !unanswered_ && !partly_ ? Tier::affirming : Tier::none;
}

}  // namespace assay::judge
