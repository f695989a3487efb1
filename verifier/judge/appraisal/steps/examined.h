#pragma once

#include "verifier/judge/appraisal/checks/check.h"
#include "verifier/judge/appraisal/facts/parts/components.h"
#include "verifier/judge/appraisal/facts/parts/host_parts.h"
#include "verifier/judge/appraisal/facts/standing/open_matters.h"
#include "verifier/judge/appraisal/facts/standing/watcher.h"
#include "verifier/judge/appraisal/steps/authenticate.h"
#include "verifier/judge/appraisal/steps/bind.h"
#include "verifier/judge/appraisal/steps/open_evidence.h"
#include "verifier/judge/devices/device_cases.h"

namespace assay::judge {

/// What a check may look at: the inputs, and what the steps before made of them.
struct Examined {
    const Context& inputs;
    const Authentication& authentication;
    const NamedSections& sections;
    const ReplayedLogs& logs;
    const BoundClaims& claims;
    const HostParts& parts;          ///< of `claims`
    const JournalStanding& journal;  ///< of `claims`
    const Matters& matters;          ///< what is to be told until it is over
    const DeviceNews& devices;       ///< what the journal brought to it; its `open` stands in `matters`
    const Watching& watching;        ///< of `claims`

    /// Of a section: `bound` when the quote vouches for the manifest, else the host's word.
    [[nodiscard]] Basis basis() const { return claims.basis; }
};

}  // namespace assay::judge
