#include "cli/commands/commands.h"

int main(int argc, char** argv) {
    assay::command_line::Command app{
        "assay", "Assay's command line: what the verifier knows, and every job that needs no verifier"};
    assay::cli::Context context;
    assay::command_line::prepare(
        app,
        "assay hosts                                  # every host with its latest verdict\n"
        "assay findings --host rack-7 --since 24h     # what was found there since yesterday\n"
        "assay explain usb.unaccompanied              # what a finding means and what to do next\n"
        "assay report rack-7 --html rack-7.html       # the provisioning report, one printable file\n"
        "assay appraise saved.bundle --policy policy.toml --vendors vendor-db  # offline, the same code");
    app.add_option("--config", context.config_file,
                   "Configuration of the verifier's address and this operator's certificate")
        ->type_name("FILE");
    app.add_flag("--json", context.json, "Machine-readable output");
#define COMMAND(name) assay::cli::add_##name(app, context);
#include "cli/commands/commands.inc"
#undef COMMAND
    return assay::command_line::run(app, argc, argv);
}
