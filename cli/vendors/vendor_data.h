#pragma once

#include <cstdint>
#include <string>

#include "cli/context.h"
#include "vendor-db/model/vendor_db.h"

namespace assay::cli {

/// The options of every command that reads vendor data.
struct VendorOptions {
    std::string vendors;  ///< --vendors; empty: the installed folder
    std::string at;       ///< --at; empty: now
};

/// Where installation puts the vendor data.
std::string installed_vendors();
/// Where it puts the pins of TPM roots.
std::string installed_tpm_roots();
/// Adds --vendors and --at.
void add_vendor_options(command_line::Command& command, VendorOptions& options);
/// The vendor data that --vendors names. Errors name file and line.
Result<vendors::VendorDb> vendor_data(const VendorOptions& options);
/// Unix time in seconds of --at.
Result<std::int64_t> time_asked(const VendorOptions& options);

}  // namespace assay::cli
