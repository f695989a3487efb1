#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "agent/commands/commands.h"
#include "client/command_line/command_line.h"

int main(int argc, char** argv) {
    // stdout is for answers: what is logged on the way is none.
    spdlog::set_default_logger(spdlog::stderr_logger_mt("assay-agent"));
    spdlog::set_pattern("%l: %v");
    assay::command_line::Command app(
        "assay-agent",
        "The attester: collects what a rack server is made of, has its TPM sign it, and sends it");
    assay::agent::add_agent_commands(app);
    return assay::command_line::run(app, argc, argv);
}
