#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <string>
#include <vector>

#include "evidence/wire/proof.h"
#include "verifier/judge/appraisal/steps/prove.h"
#include "verifier/service/shared/service.h"
#include "verifier/service/store/hosts/known_hosts.h"

/// The first thing that happens to evidence: docs/formats/evidence.md#protocol. Until it is proven nothing of
/// it is stored, and who sent it is told nothing.
namespace assay::api {

/// Evidence that a host's attestation key answers for.
struct ProvenEvidence {
    Evidence evidence;              ///< with the sections that came
    judge::HeldSections held = {};  ///< the others, once they were looked for
    judge::Proven proven;
    Challenge challenge;
    Bytes ak_public;  ///< TPMT_PUBLIC of the key that answers for it
};

/// How long a nonce is good under some policy of these; seconds. Under a host's own it may be less.
std::int64_t longest_challenge(const judge::PolicySet& policies);

/// Nonce, key, binding, signature and host; not yet that the nonce is new. An unknown host costs what a known
/// one does. `remembered` vouches for nobody whom the store does not: what it would refuse, and what is
/// stored, is compared with the store. `io` is the store's.
Result<std::expected<ProvenEvidence, judge::Unproven>> proven_evidence(
    Service& service, const std::string& host, Evidence evidence, const store::RememberedHost* remembered);

/// Each section that came is one that the manifest names, with its length and digest; else `malformed`.
Result<> check_sections(const Evidence& evidence, const Manifest& manifest);

/// Finds what the manifest names and the host holds (`digests`: name, hex digest); gives what is in neither
/// place. `limit` where all of it together is too large.
Result<std::vector<ManifestEntry>> find_held_sections(Service& service, ProvenEvidence& proven,
                                                      const std::map<std::string, std::string>& digests);

}  // namespace assay::api
