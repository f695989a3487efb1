#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "evidence/base/result.h"
#include "evidence/tcg/replay.h"
#include "evidence/wire/attestation_result.h"
#include "evidence/wire/evidence.h"
#include "evidence/wire/saved_bundle.h"
#include "vendor-db/vendor_db.h"
#include "verifier/appraisal/host_component.h"
#include "verifier/appraisal/policy.h"
#include "verifier/appraisal/tpm_trust.h"

namespace assay {

/// Everything an appraisal depends on. Time, nonce, policy and vendor data are arguments, so the same inputs
/// give the same bytes, years later and on a stranger's machine.
struct AppraisalInputs {
    const Evidence& evidence;  ///< complete: sections the verifier held already are filled in
    const Challenge& challenge;
    const KnownHost& known_host;
    const std::vector<WorkSession>& sessions;  ///< of this host
    const vendors::VendorDb& vendors;
    const TpmTrust& tpm_trust;
    const Policy& policy;
    std::int64_t now = 0;  ///< Unix time, seconds
};

/// The PCRs that an authentic quote vouches for.
struct QuotedPcrs {
    HashAlgorithm bank = HashAlgorithm::sha256;
    tcg::QuotedBank values;
};

/// What the verifier keeps of a host after an accepted appraisal.
struct NextKnown {
    std::uint64_t clock_ms = 0;
    std::uint32_t reset_count = 0;
    std::uint32_t restart_count = 0;
    std::uint64_t journal_sequence = 0;
    Bytes journal_head;
    bool authentic =
        false;  ///< the quote was authentic and fresh: only then may any of this be stored as known
    std::optional<BootClock> boot_clock = {};
    std::optional<JournalAnchor> journal_anchor = {};  ///< at journal_sequence
    std::optional<ImaState> ima = {};                  ///< absent: the next IMA list is wanted whole
};

struct Appraisal {
    AttestationResult result;
    NextKnown next;
    std::vector<HostComponent> components;  ///< what the host has; empty unless `next.authentic`
    std::optional<QuotedPcrs> quoted = {};  ///< absent unless `next.authentic`, and the values are the quoted
};

/// authenticate -> replay -> bind -> run_checks -> conclude. Always gives a result: what cannot be processed
/// (undecodable manifest, malformed quote) is a finding with tier contraindicated, and an exception inside a
/// check is a finding `appraisal.internal_error` that never affirms.
Appraisal appraise(const AppraisalInputs& inputs);

}  // namespace assay
