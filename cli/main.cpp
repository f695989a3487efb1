#include <string_view>

#include "cli/commands/commands.h"

int main(int argc, char** argv) {
    assay::command_line::Command app{
        "assay", "Assay's command line: what the verifier knows, and every job that needs no verifier"};
    assay::cli::Context context;
    assay::command_line::prepare(
        app, context.json,
        "assay hosts                                  # every host with its latest verdict\n"
        "assay findings --host rack-7 --since 24h     # what is new there since yesterday\n"
        "assay explain usb.unaccompanied              # what a finding means and what to do next\n"
        "assay report rack-7 --html rack-7.html       # the provisioning report, one printable file\n"
        "assay appraise saved.bundle --policy policy.toml --vendors vendor-db  # offline, the same code");
    app.add_option("--config", context.config_file,
                   "Configuration of the verifier's address and this operator's certificate")
        ->type_name("FILE");
    // Where the first word is a command no other is meant, and making all of them costs more than most do.
    const std::string_view first = argc > 1 ? argv[1] : "";
    const auto commands = app.commands.size();
#define COMMAND(name) \
    if (first == #name) assay::cli::add_##name(app, context);
#include "cli/commands/commands.inc"
#undef COMMAND
    if (app.commands.size() == commands) {
#define COMMAND(name) assay::cli::add_##name(app, context);
#include "cli/commands/commands.inc"
#undef COMMAND
    }
    return assay::command_line::run(app, argc, argv);
}
