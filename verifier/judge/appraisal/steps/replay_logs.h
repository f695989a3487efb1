#pragma once

#include <optional>
#include <string>
#include <vector>

#include "evidence/eventlog/replay/replay.h"
#include "verifier/judge/appraisal/facts/ima/ima_progress.h"
#include "verifier/judge/appraisal/steps/authenticate.h"
#include "verifier/judge/appraisal/steps/sections.h"

namespace assay::judge {

/// Step 2: the logs held against the quoted PCRs.
struct ReplayedLogs {
    /// `quoted` where a verified quote vouches for the PCR values; else `self_reported`, and nothing here is
    /// to be believed.
    Basis basis = Basis::self_reported;
    HashAlgorithm bank = HashAlgorithm::sha256;
    bool values_present = false;       ///< the evidence holds PCR values
    bool values_match_digest = false;  ///< and they give the digest in the quote
    tcg::PcrSelection selection;       ///< of the quote, as far as the policy judges it
    tcg::QuotedBank values;            ///< of `bank`, the selected ones
    std::optional<tcg::ReplayedEventLog> boot;
    std::optional<ImaProgress> ima;  ///< against PCR 10, where it is quoted
    std::string ima_refused;         ///< why a part of an IMA list was not taken
};

/// Marks a log that does not parse as malformed.
ReplayedLogs replay_logs(const Context& inputs, const Authentication& authentication,
                         NamedSections& sections);

}  // namespace assay::judge
