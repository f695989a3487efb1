#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "client/command_line/command_line.h"
#include "verifier/service/setup/state_folder.h"

/// `assay-verifier check`: whether a state folder can be served, and what will keep it from that soon.
/// Nothing is changed by it, and the verifier may serve meanwhile.
namespace assay::setup {

enum class Standing : std::uint8_t { ok, warning, failed };
std::string_view to_string(Standing standing);

/// One line of the answer.
struct Checked {
    Standing standing = Standing::ok;
    std::string what;      ///< "database", "vendor data": stable
    std::string expected;  ///< in words
    std::string found;
    std::string next;  ///< what to do; empty where all is well
};

struct CheckOptions {
    StateFolder state;
    bool reload = false;  ///< only what a reload takes: policies, vendor data, roots, certificates
};

/// All lines, in an order that stays. An Error where there is no state to look at. `now`: Unix time, seconds.
Result<std::vector<Checked>> check_state(const CheckOptions& options, std::int64_t now);

/// Prints them. `not_processed` where one failed, else `warning` where one warns and it is not for a reload.
Result<command_line::ExitCode> check(const CheckOptions& options, bool json, std::int64_t now);

}  // namespace assay::setup
