#pragma once

#include <string>

#include "verifier/judge/appraisal/facts/standing/journal_standing.h"
#include "verifier/judge/appraisal/steps/authenticate.h"
#include "verifier/judge/appraisal/steps/bind.h"
#include "verifier/judge/appraisal/steps/replay_logs.h"
#include "verifier/judge/appraisal/steps/sections.h"

namespace assay::judge {

/// Evidence after steps 1 to 3: authenticated, its logs replayed, each section decoded once. Everything after
/// takes this and never bytes. Only `open_evidence` makes one; it borrows the evidence.
class OpenedEvidence {
  public:
    [[nodiscard]] const Authentication& authentication() const { return authentication_; }
    [[nodiscard]] const NamedSections& sections() const { return sections_; }
    [[nodiscard]] const ReplayedLogs& logs() const { return logs_; }
    [[nodiscard]] const BoundClaims& claims() const { return claims_; }
    [[nodiscard]] const JournalStanding& journal() const { return journal_; }
    /// The quote is this host's answer to this challenge.
    [[nodiscard]] bool is_authentic() const { return authentication_.verified.has_value(); }
    /// Of nonce, manifest, quote, signature and sections: what the result calls "evidence".
    [[nodiscard]] const Digest& digest() const { return digest_; }
    /// Why a step could not be finished: a defect in Assay. Empty where all were; then nothing above is
    /// whole.
    [[nodiscard]] const std::string& failure() const { return failure_; }

  private:
    friend struct EvidenceOpener;
    Authentication authentication_;
    NamedSections sections_;
    ReplayedLogs logs_;
    BoundClaims claims_;
    JournalStanding journal_;
    Digest digest_;
    std::string failure_;
};

/// Steps 1 to 3: authenticate -> replay -> bind. The one door to raw evidence. An exception in a step is its
/// `failure`, and never judged as anything but an internal error. `held`: sections that did not come with the
/// evidence; what is opened keeps them.
OpenedEvidence open_evidence(const Evidence& evidence, const Context& context, const HeldSections& held = {});

}  // namespace assay::judge
