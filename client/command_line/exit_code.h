#pragma once

#include "evidence/base/result.h"
#include "evidence/base/verdict.h"
#include "evidence/wire/attestation_result.h"

namespace assay::command_line {

/// Exit codes, the same in all three programs.
enum class ExitCode : int {
    done = 0,           ///< done, or affirming
    not_processed = 1,  ///< could not process: I/O, malformed input, refused by the server
    usage = 2,          ///< the command line or configuration is wrong
    contraindicated = 3,
    warning = 4,
    none = 5,  ///< cannot tell: data is missing
};

ExitCode exit_code(Tier tier);
/// The one of both that is worse news: contraindicated, then none, then warning, then done. The others are no
/// verdicts.
ExitCode graver(ExitCode a, ExitCode b);
ExitCode exit_code(Effect verdict);      ///< valid: done, invalid: contraindicated, undecided: none
ExitCode exit_code(const Error& error);  ///< usage for ErrorCode::usage, else not_processed

}  // namespace assay::command_line
