#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cli/reference/rim_files.h"
#include "vendor-db/model/reference_set.h"

namespace assay::cli {

struct ImportOptions {
    std::string name, version, model;  ///< each empty: the manifest's own
    vendors::Span span;                ///< each end that is absent: the manifest's own
    std::vector<std::uint32_t>
        pcrs;  ///< events of these alone; empty: kBootPcrs of a boot event log, all of others
};

/// The PCRs that are the same on each host of a model: firmware, option ROMs, boot loader, Secure Boot
/// policy.
inline constexpr std::uint32_t kBootPcrs[] = {0, 2, 4, 7};

struct ImportedSet {
    vendors::ReferenceSet set;
    std::vector<std::string> left_out;  ///< "12 events of PCR 1", ...
};

/// One manifest as a reference set. `usage` where neither manifest nor options say the name, version or
/// model; `not_found` where a support RIM is missing, or nothing is left.
Result<ImportedSet> reference_of_rim(const RimFile& file, const ImportOptions& options);

}  // namespace assay::cli
