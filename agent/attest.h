#pragma once

#include "agent/collect.h"
#include "agent/settings.h"
#include "agent/verifier_api.h"

namespace assay {

/// One attestation: challenge, collection with the journal since what was acknowledged, quote, submission.
/// Once more with a fresh challenge where the nonce went stale, and with every section where the verifier
/// lacks one that it said it held.
/// `journal`: the device journal after a sequence.
Result<verifier_api::Verdict> attest(HttpsClient& client, const Machine& machine, const std::string& host,
                                     const std::function<JournalPart(std::uint64_t)>& journal);

}  // namespace assay
