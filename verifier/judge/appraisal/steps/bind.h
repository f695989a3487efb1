#pragma once

#include <memory>
#include <optional>
#include <tuple>
#include <vector>

#include "evidence/device/pci.h"
#include "evidence/device/smbios.h"
#include "evidence/wire/section/journal.h"
#include "evidence/wire/section/sections.h"
#include "verifier/judge/appraisal/steps/authenticate.h"
#include "verifier/judge/appraisal/steps/sections.h"

namespace assay::judge {

/// A PCI function, and what its configuration space says.
struct BoundFunction {
    PciFunction function;
    std::optional<pci::Config> config;  ///< absent where it does not parse
    std::string problem;                ///< then: why
};

/// A record of the journal section, decoded.
struct BoundRecord {
    Digest digest;  ///< what the next record names as `previous`
    std::optional<JournalRecord> record;
    std::string problem;  ///< where it does not decode: why
};

/// Null where there is none. What was decoded of a held section is shared by all evidence that names it.
template <typename T>
using Decoded = std::shared_ptr<const T>;

/// Step 3: what the host says of itself, decoded once, with the basis on which it stands. Absent members are
/// sections that are not there, not as named, or not decodable: NamedSections::why_absent says which.
struct BoundClaims {
    /// `bound` where a verified quote is over the manifest that names the sections; else nothing but the
    /// host's word.
    Basis basis = Basis::self_reported;
    Decoded<smbios::Smbios> tables;  ///< of SMBIOS
    Decoded<std::vector<BoundFunction>> pci;
#define CLAIM_SECTION(id, constant, name, type) Decoded<type> id;
#include "evidence/wire/section/sections.inc"
    Decoded<JournalSection> journal;
    std::vector<BoundRecord> journal_records;  ///< of `journal`, in its order

    /// The sections that tell of the host's parts.
    using Parts = std::tuple<Decoded<smbios::Smbios>, Decoded<std::vector<BoundFunction>>,
                             Decoded<std::vector<Drive>>, Decoded<std::vector<NetworkInterface>>,
                             Decoded<BmcSection>, Decoded<std::vector<UsbDevice>>, Decoded<TpmSection>>;
    [[nodiscard]] Parts parts() const { return {tables, pci, storage, network, bmc, usb, tpm}; }
};

/// Marks sections that cannot be decoded as malformed, and hands the gaps to `sections`.
BoundClaims bind(const Authentication& authentication, NamedSections& sections);

}  // namespace assay::judge
