#include <memory>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "cli/commands/commands.h"
#include "cli/hosts/label.h"
#include "evidence/base/text.h"
#include "verifier/judge/appraisal/checks/check.h"

namespace assay::cli {
namespace {

struct PolicyOptions {
    std::string place;
    std::vector<std::string> labels;
};

Json policy_json(const judge::Policy& policy) {
    Json tiers = Json::object();
    for (const auto& [id, tier] : policy.tiers.by_id) tiers[id] = to_string(tier);
    if (policy.tiers.observe) tiers["*"] = to_string(Tier::warning);
    Json without = Json::object();
    for (const auto& [kind, reason] : policy.without) without[std::string(vendors::to_string(kind))] = reason;
    return {{"name", policy.name},
            {"version", policy.version},
            {"digest", policy.digest.hex()},
            {"select", policy.select.wanted},
            {"required_sections", policy.required_sections},
            {"required_checks", policy.required_checks},
            {"disabled_checks", policy.disabled_checks},
            {"pcr_selection", policy.pcr_selection},
            {"system_maker_required", policy.system_maker_required},
            {"without", without},
            {"tiers", tiers}};
}

void print_policy(const judge::Policy& policy) {
    fmt::print("{}, version {}, sha256 {}\n", cell(policy.name), policy.version, policy.digest.hex());
    std::string selects;
    for (const auto& [label, values] : policy.select.wanted)
        selects += fmt::format("{}{} = {}", selects.empty() ? "" : ", ", label,
                               printable(fmt::format("{}", fmt::join(values, " or "))));
    fmt::print("  for:      {}\n", selects.empty() ? "hosts that no other policy selects" : selects);
    fmt::print("  sections: {}\n", fmt::join(policy.required_sections, ", "));
    fmt::print("  PCRs:     {}\n", policy.pcr_selection);
    for (const auto& [kind, reason] : policy.without)
        fmt::print("  without:  {} ({})\n", vendors::to_string(kind), printable(reason));
    for (const auto& named : judge::all_checks()) {
        const std::string name(named.name);
        const auto* standing = policy.disabled_checks.contains(name)   ? "switched off"
                               : policy.required_checks.contains(name) ? "required"
                                                                       : "if there is something to judge";
        fmt::print("  {:<45} {}\n", name, standing);
    }
    for (const auto& [id, tier] : policy.tiers.by_id)
        fmt::print("  finding {:<37} {}\n", id, to_string(tier));
    if (policy.tiers.observe) fmt::print("  every other finding                           at most warning\n");
}

Result<command_line::ExitCode> run_policy(const Context& context, const PolicyOptions& options) {
    const auto policies = TRY(inputs::load_policies(options.place));
    std::vector<const judge::Policy*> wanted;
    if (options.labels.empty()) {
        for (const auto& policy : policies.all()) wanted.push_back(&policy);
    } else {
        wanted.push_back(&policies.of(TRY(labels_from(options.labels))));
    }
    if (context.json) {
        auto rows = Json::array();
        for (const auto* policy : wanted) rows.push_back(policy_json(*policy));
        print_json(rows);
        return command_line::ExitCode::done;
    }
    for (const auto* policy : wanted) print_policy(*policy);
    return command_line::ExitCode::done;
}

}  // namespace

void add_policy(command_line::Command& app, Context& context) {
    auto* parent =
        command_line::add_group(app, "policy", "Appraisal policies: what is required of which host");
    const auto options = std::make_shared<PolicyOptions>();
    auto* check = command_line::add_command(*parent, "check",
                                            "Whether a verifier would load a policy, or a folder of them, "
                                            "and what each requires; exit code 1 with file, "
                                            "line and remedy where not",
                                            "assay policy check /etc/assay/policies\n"
                                            "assay policy check ./policies --label role=database --label "
                                            "site=fra1   # which one such a host is judged by\n"
                                            "assay policy check strict.toml --json | jq -r '.[].digest'",
                                            [&context, options] { return run_policy(context, *options); });
    check->add_option("POLICY", options->place, "A policy (.toml), or a folder of policies")
        ->required()
        ->type_name("FILE|DIR");
    check->add_option("--label", options->labels, "Only the policy for a host with these labels")
        ->type_name("NAME=VALUE");
}

}  // namespace assay::cli
