#include <memory>

#include <fmt/core.h>

#include "agent/collectors/pci_spaces.h"
#include "agent/commands/commands.h"
#include "agent/enrol/token_file.h"
#include "agent/opened_machine.h"
#include "client/command_line/command_line.h"
#include "evidence/base/text.h"
#include "evidence/codec/json_writer.h"
#include "files/output.h"

namespace assay::agent {
namespace {

constexpr mode_t kReadByGroup = 0440;  // root's, for the agent's group to read

struct HelperOptions {
    AskSettings settings;
    AsJson json;
    std::string out = std::string(kPciSpacesFile);
};

Result<command_line::ExitCode> run_pci(const HelperOptions& options) {
    const auto settings = TRY(options.settings());
    const auto host = TRY(open_host(settings));
    const auto spaces = TRY(read_pci_spaces(*host));
    // Not synced: it is of this boot, and lies in memory.
    TRY_VOID(
        files::replace_file(options.out, encode_pci_spaces(spaces), {.mode = kReadByGroup, .synced = false}));
    if (*options.json)
        fmt::print("{}\n", Json{{"functions", spaces.functions.size()}, {"written", options.out}}.dump(2));
    else
        fmt::print("{} PCI functions in {}\n", spaces.functions.size(), printable(options.out));
    return command_line::ExitCode::done;
}

Result<command_line::ExitCode> run_token(const HelperOptions& options) {
    const auto settings = TRY(options.settings());
    const auto from = settings.enrol_token_file.string();
    const auto into = taken_token_file(settings.state).string();
    const bool taken = TRY(take_token(settings.enrol_token_file, settings.state));
    if (*options.json)
        fmt::print("{}\n", Json{{"taken", taken}, {"from", from}, {"into", into}}.dump(2));
    else if (taken)
        fmt::print("the token of {} is in {} now\n", printable(from), printable(into));
    else
        fmt::print("no token in {}\n", printable(from));
    return command_line::ExitCode::done;
}

}  // namespace

void add_helper_commands(command_line::Command& app, AskSettings settings, AsJson json) {
    using command_line::add_command;
    const auto options = std::make_shared<HelperOptions>();
    options->settings = std::move(settings);
    options->json = std::move(json);
    auto* group = command_line::add_group(
        app, "helper", "What root does for the service, so that the service need not be root");
    auto* pci =
        add_command(*group, "pci", "Read the PCI configuration space that the kernel gives root alone",
                    "systemctl start assay-agent-pci.service  # what the unit runs: assay-agent helper pci",
                    [options] { return run_pci(*options); });
    pci->add_option("--out", options->out, "Where to (default /run/assay-agent-pci/spaces)")
        ->type_name("FILE");
    add_command(*group, "token", "Move the one-time token from enrol_token_file into the service's state",
                "systemctl start assay-agent-token.service  # what the unit runs: assay-agent helper token",
                [options] { return run_token(*options); });
}

}  // namespace assay::agent
