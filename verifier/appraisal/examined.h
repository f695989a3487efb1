#pragma once

#include "verifier/appraisal/authenticate.h"
#include "verifier/appraisal/bind.h"
#include "verifier/appraisal/check.h"
#include "verifier/appraisal/components.h"
#include "verifier/appraisal/host_parts.h"
#include "verifier/appraisal/open_evidence.h"

namespace assay {

/// What a check may look at: the inputs, and what the steps before made of them.
struct Examined {
    const Context& inputs;
    const Authentication& authentication;
    const NamedSections& sections;
    const ReplayedLogs& logs;
    const BoundClaims& claims;
    const HostParts& parts;          ///< of `claims`
    const JournalStanding& journal;  ///< of `claims`

    /// Of a section: `bound` when the quote vouches for the manifest, else the host's word.
    [[nodiscard]] Basis basis() const { return claims.basis; }
};

}  // namespace assay
