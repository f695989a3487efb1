#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "evidence/wire/attestation_result.h"
#include "verifier/judge/appraisal/checks/capped_findings.h"
#include "verifier/judge/appraisal/checks/findings.h"
#include "verifier/judge/appraisal/policy/policy_scope.h"

/// How a check is written. Each is one file in checks/ and one line in checks.inc:
///     const Check checks::chassis_is_closed{.claim = TrustClaim::hardware, .required = false, .judge = ...};
namespace assay::judge {

struct Examined;  // examined.h: what a check may look at

/// The texts of a finding. Hostile bytes are welcome: Judge makes them printable and cuts them.
struct Details {
    std::string subject = {};  ///< "PCI 0000:3b:00.0"
    std::string expected = {};
    std::string actual = {};
    std::string evidence = {};  ///< where it stands: "boot-event-log: event 12 (offset 0x1a2)"
    std::string remedy = {};    ///< only where there is better advice than the finding's own
};

class Judge;

/// What several findings of a check have in common: what they are about, where it stands, and the basis. Made
/// by Judge::about, to which it refers.
class About {
  public:
    void report(const FindingKind& kind, Tier tier, std::string expected, std::string actual) const;

  private:
    friend class Judge;
    About(Judge& judge, Basis basis, std::string subject, std::string evidence)
        : judge_(&judge), basis_(basis), subject_(std::move(subject)), evidence_(std::move(evidence)) {}

    Judge* judge_;
    Basis basis_;
    std::string subject_;
    std::string evidence_;
};

/// Why a check concludes nothing: what its summary begins with.
enum class NoAnswer : std::uint8_t {
    not_asked,       ///< nobody demanded it: "not asked: the policy has no table [boot_arguments]"
    does_not_apply,  ///< this host has no such thing: "does not apply: this host has no intrusion sensor"
    cannot_tell,     ///< what it takes is missing: "cannot tell: the evidence names no drive"
};

/// Where a check writes what it found. Its tier is the worst of its findings. Without a finding it is
/// affirming only if it said how many things it covered, and they were not none: emptiness is no good news.
class Judge {
  public:
    /// Into a list that nothing bounds: for steps that find a few things at most.
    explicit Judge(std::vector<Finding>& findings) : list_(&findings) {}
    /// Under `tiers`, where there are some, a finding weighs what its owner says.
    explicit Judge(CappedFindings& findings, const TierRules* tiers = nullptr)
        : capped_(&findings), tiers_(tiers) {}

    /// So many things were looked at and are in order but for what is reported, on this basis; `excused` ones
    /// need not be, and the summary says why. Said more than once, the counts add up, the summary of the last
    /// stands in the report, and the weakest basis counts.
    void covered(Basis basis, std::size_t things, std::string summary, std::size_t excused = 0);
    /// Some of what there was to look at could not be read: it never affirms.
    void covered_in_part() { partly_ = true; }
    void report(const FindingKind& kind, Tier tier, Basis basis, Details details);
    /// `judge.about(basis, subject, evidence).report(kind, tier, expected, actual)`: where findings differ in
    /// little else than what was expected and found.
    [[nodiscard]] About about(Basis basis, std::string subject, std::string evidence) {
        return {*this, basis, std::move(subject), std::move(evidence)};
    }
    /// `count` findings more, which nobody can tell one by one: as if each had been made. `subject`: one of
    /// them, or its kind alone ("file").
    void report_more(const FindingKind& kind, Tier tier, Basis basis, std::string_view subject,
                     std::uint64_t count);
    /// `section` is not there: a finding `section.absent` of tier none that says why.
    void report_absent(const Examined& examined, std::string_view section);
    /// Findings that an earlier step made, as if this check had.
    void merge(const std::vector<Finding>& findings);
    /// Concludes `none` where nothing was reported.
    void no_answer(NoAnswer why, std::string_view summary);

    /// What it concludes counts, also a `none` and also where the policy does not require the check: there is
    /// something that it must be able to judge.
    void require() { required_ = true; }

    [[nodiscard]] Tier tier() const;
    [[nodiscard]] bool is_required() const { return required_; }
    [[nodiscard]] Basis basis() const { return basis_; }
    [[nodiscard]] const std::string& summary() const { return summary_; }

  private:
    void stands_on(Basis basis);
    /// The tier under the policy, after it counted.
    Tier counted(const FindingKind& kind, Tier tier, Basis basis);
    void add(Finding finding);

    std::vector<Finding>* list_ = nullptr;  // this one or the next
    CappedFindings* capped_ = nullptr;
    const TierRules* tiers_ = nullptr;
    Tier found_ = Tier::affirming;
    std::uint64_t covered_ = 0;  // excused ones too
    bool reported_ = false, unanswered_ = false, partly_ = false;
    bool has_basis_ = false;
    bool required_ = false;
    Basis basis_ = Basis::self_reported;
    std::string summary_;
};

struct Check {
    TrustClaim claim;
    bool required;  ///< where the policy does not say: a `none` here cannot give an affirming result
    void (*judge)(const Examined& examined, Judge& judge);
};

struct NamedCheck {
    std::string_view name;  ///< "secure_boot_is_enabled"
    const Check* check;
};

namespace checks {
#define APPRAISAL_CHECK(name) extern const Check name;
#include "verifier/judge/appraisal/checks/checks.inc"
#undef APPRAISAL_CHECK
}  // namespace checks

/// Every check, in the table's order.
std::span<const NamedCheck> all_checks();
/// Null where no check has this name.
const Check* find_check(std::string_view name);
/// It says whether there is any reason to believe the evidence: required under every policy.
inline constexpr std::string_view kIndispensableCheck = "quote_is_authentic_and_bound";

/// Text from outside as it may stand in a finding: printable, on one line, at most 200 bytes.
std::string shown(std::string_view hostile);

}  // namespace assay::judge
