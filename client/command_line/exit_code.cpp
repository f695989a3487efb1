#include "client/command_line/exit_code.h"

namespace assay::command_line {

ExitCode exit_code(Tier tier) {
    switch (tier) {
        case Tier::affirming:
            return ExitCode::done;
        case Tier::warning:
            return ExitCode::warning;
        case Tier::contraindicated:
            return ExitCode::contraindicated;
        case Tier::none:
            return ExitCode::none;
    }
    return ExitCode::none;  // a value outside of the enumeration says nothing, so it affirms nothing
}

ExitCode graver(ExitCode a, ExitCode b) {
    for (const auto code : {ExitCode::contraindicated, ExitCode::none, ExitCode::warning}) {
        if (a == code || b == code) return code;
    }
    return ExitCode::done;
}

ExitCode exit_code(Effect verdict) {
    if (verdict == Effect::valid) return ExitCode::done;
    return verdict == Effect::invalid ? ExitCode::contraindicated : ExitCode::none;
}

ExitCode exit_code(const Error& error) {
    return error.code == ErrorCode::usage ? ExitCode::usage : ExitCode::not_processed;
}

}  // namespace assay::command_line
