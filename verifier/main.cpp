#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "verifier/service/setup/program.h"

int main(int argc, char** argv) {
    // stdout is for answers: what is logged on the way is none.
    spdlog::set_default_logger(spdlog::stderr_logger_mt("assay-verifier"));
    spdlog::set_pattern("%l: %v");
    return assay::setup::run_verifier(argc, argv);
}
