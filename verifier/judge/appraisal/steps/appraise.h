#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "evidence/base/result.h"
#include "evidence/eventlog/replay/replay.h"
#include "evidence/wire/attestation_result.h"
#include "evidence/wire/evidence.h"
#include "evidence/wire/saved_bundle.h"
#include "vendor-db/model/vendor_db.h"
#include "verifier/judge/appraisal/facts/parts/host_component.h"
#include "verifier/judge/appraisal/facts/standing/shown_activation.h"
#include "verifier/judge/appraisal/facts/standing/tpm_trust.h"
#include "verifier/judge/appraisal/policy/policy.h"

namespace assay::judge {

/// What an appraisal depends on beside the evidence: what the verifier asked for, knows and demands. Refers
/// to its arguments. Time, nonce, policy and vendor data are arguments, so the same inputs give the same
/// bytes, years later and on a stranger's machine.
struct Context {
    const Challenge& challenge;
    const KnownHost& known_host;
    const std::vector<WorkSession>& sessions;  ///< of this host
    const vendors::VendorDb& vendors;
    const TpmTrust& tpm_trust;
    const Policy& policy;  ///< as it holds at `now`: EffectivePolicy
    std::int64_t now = 0;  ///< Unix time, seconds
    /// Instead of `known_host.ak_activated`, which is then not looked at: whoever judges has the verifier's
    /// keys, and the known host may be the host's own word. Null: the known host is the verifier's own.
    const ShownActivation* activation = nullptr;
};

/// Everything an appraisal depends on.
struct AppraisalInputs {
    const Evidence& evidence;  ///< complete: sections the verifier held already are filled in
    const Challenge& challenge;
    const KnownHost& known_host;
    const std::vector<WorkSession>& sessions;  ///< of this host
    const vendors::VendorDb& vendors;
    const TpmTrust& tpm_trust;
    const Policy& policy;
    std::int64_t now = 0;                         ///< Unix time, seconds
    const ShownActivation* activation = nullptr;  ///< as in Context
};

inline Context context_of(const AppraisalInputs& inputs, const Policy& effective) {
    return {inputs.challenge, inputs.known_host, inputs.sessions, inputs.vendors,
            inputs.tpm_trust, effective,         inputs.now,      inputs.activation};
}

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
    std::optional<WatchPoint> watch = {};              ///< the newest sign of life of its monitor
    std::vector<OpenMatter> open = {};                 ///< what was told and is not over
    std::uint64_t open_more = 0;                       ///< as KnownHost::open_more
};

struct Appraisal {
    AttestationResult result;
    NextKnown next;
    HostComponents components = {};         ///< what the host has; null unless `next.authentic`
    std::optional<QuotedPcrs> quoted = {};  ///< absent unless `next.authentic`, and the values are the quoted
};

class OpenedEvidence;  // open_evidence.h

/// Steps 4 and 5: run_checks -> conclude. `context` is the one that the evidence was opened with, but for
/// what the opened evidence itself told of the host (`known_host.judged`, `.elsewhere`). Always gives a
/// result: an exception inside a check is a finding `appraisal.internal_error` that never affirms, and so is
/// one inside the steps before.
Appraisal judge(const OpenedEvidence& opened, const Context& context);

/// `open_evidence` and then `judge`, under the policy as it holds at `inputs.now`. What cannot be processed
/// (undecodable manifest, malformed quote) is a finding with tier contraindicated.
Appraisal appraise(const AppraisalInputs& inputs);

}  // namespace assay::judge
