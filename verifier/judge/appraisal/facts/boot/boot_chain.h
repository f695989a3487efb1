#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "evidence/eventlog/replay/replay.h"
#include "evidence/wire/saved_bundle.h"
#include "vendor-db/model/reference_set.h"

/// What booted, as a TPM vouches for it: what is captured as a reference and compared with other boots. PURE.
namespace assay::judge {

class OpenedEvidence;

/// One measurement: its digest, PCR and place among those of its PCR are under the quote.
struct BootMeasurement {
    std::uint32_t pcr = 0;
    std::uint32_t event = 0;  ///< index in the log
    std::uint32_t type = 0;   ///< unverified
    Digest digest;
    std::string what;      ///< event_text(): printable, unverified
    bool covered = false;  ///< the digest is the hash of `data`, or of the part that says something
    Bytes data;            ///< the event's; to be believed only where `covered`
};

struct BootChain {
    HashAlgorithm bank = HashAlgorithm::sha256;
    std::vector<BootMeasurement> measurements;  ///< of the PCRs that replay, in the log's order
    tcg::QuotedBank values;                     ///< the quoted PCRs
    std::vector<std::uint32_t> unexplained;     ///< PCRs whose events do not replay: none of them is above
    std::string model;  ///< SMBIOS type 1, product name; the host's word; may be empty
};

/// `refused` where the quote is not this host's, nonce and manifest included, or the values are not the
/// quoted ones; `not_found` without a boot event log. Whose TPM it is, is not asked.
Result<BootChain> boot_chain_of(const SavedBundle& bundle);

/// The same of evidence that is opened already.
Result<BootChain> boot_chain_of(const OpenedEvidence& opened);

/// A reference set as a chain, to be compared with one: the digests that have a PCR, as `what` says.
BootChain boot_chain_of(const vendors::ReferenceSet& set);

/// Every measurement of these PCRs, and a value for each that has no event and is not at its reset value.
/// `refused` for a PCR that was not quoted, or whose events do not replay; `usage` where nothing is left.
Result<vendors::ReferenceSet> reference_of(const BootChain& chain, const std::vector<std::uint32_t>& pcrs);

}  // namespace assay::judge
