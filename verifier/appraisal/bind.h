#pragma once

#include <optional>
#include <vector>

#include "evidence/device/pci.h"
#include "evidence/device/smbios.h"
#include "evidence/wire/journal.h"
#include "evidence/wire/sections.h"
#include "verifier/appraisal/authenticate.h"
#include "verifier/appraisal/sections.h"

namespace assay {

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

/// Step 3: what the host says of itself, decoded once, with the basis on which it stands. Absent members are
/// sections that are not there, not as named, or not decodable: NamedSections::why_absent says which.
struct BoundClaims {
    /// `bound` where a verified quote is over the manifest that names the sections; else nothing but the
    /// host's word.
    Basis basis = Basis::self_reported;
    std::optional<SmbiosSection> smbios;  ///< raw; `tables` borrows it
    std::optional<smbios::Smbios> tables;
    std::optional<std::vector<BoundFunction>> pci;
    std::optional<std::vector<Drive>> storage;
    std::optional<std::vector<NetworkInterface>> network;
    std::optional<CpuSection> cpu;
    std::optional<BmcSection> bmc;
    std::optional<std::vector<EsrtEntry>> esrt;
    std::optional<std::vector<UsbDevice>> usb;
    std::optional<std::vector<IntrusionSensor>> chassis;
    std::optional<KernelSection> kernel;
    std::optional<TpmSection> tpm;
    std::optional<ClockSection> clock;
    std::optional<JournalSection> journal;
    std::vector<BoundRecord> journal_records;  ///< of `journal`, in its order
};

/// Marks sections that cannot be decoded as malformed, and hands the gaps to `sections`.
BoundClaims bind(const Authentication& authentication, NamedSections& sections);

}  // namespace assay
