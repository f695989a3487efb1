#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "evidence/wire/evidence.h"
#include "vendor-db/model/baseline.h"

namespace assay::cli {

struct CaptureOptions {
    std::string model;  ///< empty: as SMBIOS has it
    std::string generation;
    std::string source;  ///< where it is from, for a reader
    vendors::Span span;
    std::vector<std::string> without;  ///< ports that are left out
    std::vector<std::string> bmc;      ///< ports of the BMC beside those that are known by their ids
};

/// The USB devices of evidence as a baseline: all that are there, without root hubs, whose descriptors are
/// the kernel's. A device with a BMC's ids, and what hangs on it, is marked as the BMC's. `usage` for a port
/// that is not there, a model that nobody names, or descriptors that cannot be read.
Result<vendors::Baseline> capture_baseline(const Evidence& evidence, const CaptureOptions& options);

}  // namespace assay::cli
