#include "cli/vendors/vendor_data.h"

#include <ctime>

#include "cli/duration.h"
#include "verifier/service/inputs/vendor_files.h"

#ifndef ASSAY_DATA_DIR
#define ASSAY_DATA_DIR "/usr/local/share/assay"
#endif

namespace assay::cli {

std::string installed_vendors() {
    return ASSAY_DATA_DIR "/vendor-db";
}

std::string installed_tpm_roots() {
    return ASSAY_DATA_DIR "/tpm-roots";
}

void add_vendor_options(command_line::Command& command, VendorOptions& options) {
    command
        .add_option("--vendors", options.vendors,
                    "A folder with vendors/*.toml and decisions/*.toml, or a bundle, whoever signed it; by "
                    "default the "
                    "installed folder, " ASSAY_DATA_DIR "/vendor-db")
        ->type_name("DIR|FILE");
    command.add_option("--at", options.at,
                       "The day that is asked about, by default now: 2026-11-22, 2026-11-22T10:42:25Z");
}

Result<vendors::VendorDb> vendor_data(const VendorOptions& options) {
    return inputs::load_vendors(options.vendors.empty() ? installed_vendors() : options.vendors);
}

Result<std::int64_t> time_asked(const VendorOptions& options) {
    const auto now = static_cast<std::int64_t>(std::time(nullptr));
    return options.at.empty() ? now : parse_time(options.at, now);
}

}  // namespace assay::cli
