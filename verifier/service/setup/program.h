#pragma once

namespace assay::setup {

/// The whole program: parses the command line and runs the command; the exit code
/// (client/command_line/exit_code.h).
int run_verifier(int argc, const char* const* argv);

}  // namespace assay::setup
