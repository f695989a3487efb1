#pragma once

#include <filesystem>

#include "agent/attest/collect.h"
#include "agent/verifier_api.h"

namespace assay::agent {

/// One attestation: challenge, collection with the journal since what was acknowledged, quote, proof, and
/// those sections that the verifier wants. Once more with a fresh challenge where the proof did not stand
/// (its nonce went stale, say), and where journal or IMA list must go on from elsewhere. What the verifier
/// acknowledges is remembered in `state`, and its token, which the next attestation shows it; so is its
/// statement of the key's activation, asked for where there is none or half of its time is over. `whole`: the
/// verdict is to hold the result also where nothing but the time is new.
Result<verifier_api::Verdict> attest(client::HttpsClient& client, const Machine& machine,
                                     const std::string& host, const std::filesystem::path& state,
                                     const MonitorVoice& monitor, bool whole);

/// Whether the verifier takes this TPM's proof for `host`; nothing is attested.
Result<bool> is_enrolled(client::HttpsClient& client, Tpm& tpm, const std::string& host);

}  // namespace assay::agent
