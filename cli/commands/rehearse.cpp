#include <memory>

#include <fmt/core.h>

#include "cli/commands/commands.h"
#include "cli/rehearsal.h"
#include "evidence/base/limits.h"
#include "verifier/service/inputs/vendor_files.h"

namespace assay::cli {
namespace {

struct RehearseOptions {
    std::string policy, vendors;
    std::vector<std::string> references, hosts;
    bool each = false;
};

Result<command_line::ExitCode> run_rehearse(const Context& context, const RehearseOptions& options) {
    judge::Proposal proposal;
    if (!options.policy.empty()) {
        for (auto& [name, text] : TRY(inputs::read_policies(options.policy)))
            proposal.policies.push_back({std::move(name), std::move(text)});
        // Refused here, with file and line, before anybody is asked.
        TRY_VOID(inputs::load_policies(options.policy));
    }
    for (const auto& file : options.references) {
        const auto text = TRY(read_file(file, limits::kTextFile));
        proposal.references.push_back(
            {"references/" + std::filesystem::path(file).filename().string(), std::string(as_text(text))});
    }
    if (!options.vendors.empty()) proposal.bundle = TRY(read_file(options.vendors, limits::kVendorBundle));
    if (proposal.empty())
        return fail(ErrorCode::usage, "give what is to be rehearsed: --policy, --reference or --vendors");
    const auto answer = TRY(rehearse(context, proposal, options.hosts));
    return show_answer(context, answer.dump(), options.each ? print_rehearsal : print_rehearsal_in_groups);
}

}  // namespace

void add_rehearse(command_line::Command& app, Context& context) {
    const auto options = std::make_shared<RehearseOptions>();
    auto* command = command_line::add_command(
        app, "rehearse",
        "Which hosts' verdicts another policy, reference set or vendor bundle would change, and why; changes "
        "nothing",
        "assay rehearse --policy strict.toml\n"
        "assay rehearse --reference r750-2.20.0.toml --hosts rack-7 --hosts rack-8\n"
        "assay rehearse --policy ./policies --json | jq -r '.changed[] | select(.tier_then != "
        "\"affirming\").host'",
        [&context, options] { return run_rehearse(context, *options); });
    command
        ->add_option("--policy", options->policy,
                     "A policy for every host, or a folder of all policies (*.toml)")
        ->type_name("FILE|DIR");
    command
        ->add_option("--reference", options->references,
                     "A reference set beside those in force; a file of the same name takes its place")
        ->type_name("FILE");
    command->add_option("--vendors", options->vendors, "A vendor bundle, whoever signed it")
        ->type_name("FILE");
    command->add_option("--hosts", options->hosts, "Only these hosts; by default the whole fleet")
        ->separated_by(',')
        ->type_name("HOST");
    command->add_flag("--each", options->each, "Host by host, instead of the changes that hosts share");
}

}  // namespace assay::cli
