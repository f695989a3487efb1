#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "verifier/judge/appraisal/facts/parts/components.h"
#include "verifier/judge/appraisal/steps/examined.h"

namespace assay::judge {

/// What there is to say about the makers of all parts of one kind.
struct JudgedMakers {
    struct Found {
        const FindingKind* kind = nullptr;
        Tier tier = Tier::none;
        Details details;
    };
    std::size_t parts = 0;     ///< that were looked at
    bool is_required = false;  ///< one could not be read: a `none` counts
    std::vector<Found> found;
};

/// Each layer of each part on its own: a denied maker is contraindicated, unless an exception covers this
/// very part; an undecided or unknown one is a warning, of the system or its board `none`; one that cannot be
/// read is `none`, and counts; of an allowed one there is nothing to say. Every identifier counts: a part
/// cannot hide a denied maker behind an allowed one.
class VendorJudgement {
  public:
    VendorJudgement(const Examined& examined, vendors::Component component)
        : examined_(examined), component_(component), site_(examined.inputs.known_host.site.value_or("")) {}

    JudgedMakers judge(const std::vector<HostComponent>& parts);
    /// What was judged depends on an exception, and so on more than the parts, the vendor data and the site.
    [[nodiscard]] bool asked_for_exception() const { return asked_for_exception_; }

  private:
    struct Known {
        vendors::Resolution maker;
        std::string makers;          ///< its name; where it may be others' as well, all of them
        vendors::Approval approval;  ///< of several, the strictest
    };
    const Known& known(const MakerId& id);
    void approve(Known& known) const;
    void judge_part(const HostComponent& part);
    void judge_known(const HostComponent& part, const MakerId& id, const Known& known);
    void judge_unreadable(const HostComponent& part);
    void judge_unknown(const HostComponent& part, std::string_view layer);
    void report(const FindingKind& kind, Tier tier, Details details);

    const Examined& examined_;
    vendors::Component component_;
    std::string site_;          // empty: no site is registered
    std::string_view product_;  // of the machine; borrowed from the parts
    JudgedMakers out_;
    bool asked_for_exception_ = false;
    std::map<std::pair<vendors::Namespace, std::string>, Known> known_;  // looked up once each
};

/// A check over the parts of one kind, by the section that tells of them. Absent: `none`, with the reason; no
/// such part: `none`, unless the policy says that such hosts have none. `noun` is what the summary calls
/// them: "memory module".
void judge_makers(const Examined& examined, Judge& judge, vendors::Component kind, std::string_view noun);

/// "NIC eth0", "memory DIMM_A1", "drive nvme0 S/N S-1".
std::string subject_of(const HostComponent& part);

}  // namespace assay::judge
