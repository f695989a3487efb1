#include "verifier/cli/vendor_data.h"

#include <ctime>

#include "verifier/cli/duration.h"

#ifndef ASSAY_DATA_DIR
#define ASSAY_DATA_DIR "/usr/local/share/assay"
#endif

namespace assay::cli {

void add_vendor_options(CLI::App& command, VendorOptions& options) {
    command
        .add_option(
            "--vendors", options.vendors,
            "Folder with vendors/*.toml and decisions/*.toml; by default the installed one, " ASSAY_DATA_DIR
            "/vendor-db")
        ->type_name("DIR");
    command.add_option("--at", options.at,
                       "The day that is asked about, by default now: 2026-11-22, 2026-11-22T10:42:25Z");
}

Result<vendors::VendorDb> vendor_data(const VendorOptions& options) {
    return inputs::load_vendors(options.vendors.empty() ? ASSAY_DATA_DIR "/vendor-db" : options.vendors);
}

Result<std::int64_t> time_asked(const VendorOptions& options) {
    const auto now = static_cast<std::int64_t>(std::time(nullptr));
    return options.at.empty() ? now : parse_time(options.at, now);
}

}  // namespace assay::cli
