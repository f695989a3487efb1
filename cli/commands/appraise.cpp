#include "verifier/judge/appraisal/steps/appraise.h"

#include <algorithm>
#include <array>
#include <ctime>
#include <memory>
#include <optional>

#include <fmt/core.h>

#include "cli/commands/commands.h"
#include "cli/duration.h"
#include "cli/hosts/activation.h"
#include "cli/hosts/label.h"
#include "cli/report_html.h"
#include "client/command_line/result_text.h"
#include "evidence/base/limits.h"
#include "verifier/service/inputs/tpm_roots.h"
#include "verifier/service/inputs/vendor_files.h"

namespace assay::cli {
namespace {

struct AppraiseOptions {
    std::string bundle;
    std::string policy;
    std::string vendors;
    std::string roots;
    std::string at;
    std::string html;
    std::string keys;
    std::string conclusion, occasion;
    std::vector<std::string> labels;
};

/// With the verifier's keys the bundle's own word on its key counts for nothing.
Result<std::optional<judge::ShownActivation>> shown_activation(const SavedBundle& bundle,
                                                               const std::string& keys) {
    if (keys.empty()) return std::nullopt;
    const auto text = TRY(read_file(keys, limits::kTextFile));
    return TRY(verify_activation(bundle.activation, as_text(text)));
}

/// What was not asked is told beside the result, which must not depend on that.
void tell_what_keys_would_do(const SavedBundle& bundle) {
    if (bundle.known_host.ak_activated)
        fmt::print(
            stderr,
            "assay: note: that the attestation key was activated is the bundle's own word: believe it if "
            "the bundle is from the verifier\n");
    else if (bundle.activation)
        fmt::print(
            stderr,
            "assay: note: the bundle brings a verifier's statement that its attestation key was activated, "
            "which was not checked: --keys FILE, with the verifier's /v1/keys\n");
}

Result<command_line::ExitCode> appraise_saved(const Context& context, const AppraiseOptions& options) {
    const auto bundle = TRY(inputs::load_bundle(options.bundle));
    const auto policies = TRY(inputs::load_policies(options.policy));
    const auto& policy = policies.of(TRY(labels_from(options.labels)));
    const auto vendors = TRY(inputs::load_vendors(options.vendors));
    const auto trust = options.roots.empty() ? judge::TpmTrust() : TRY(inputs::load_tpm_trust(options.roots));
    // A saved bundle is judged at its own time, else every challenge would have expired.
    const auto at =
        options.at.empty() ? bundle.challenge.issued_at : TRY(parse_time(options.at, std::time(nullptr)));

    const auto activation = TRY(shown_activation(bundle, options.keys));

    const auto appraisal = judge::appraise({.evidence = bundle.evidence,
                                            .challenge = bundle.challenge,
                                            .known_host = bundle.known_host,
                                            .sessions = bundle.sessions,
                                            .vendors = vendors,
                                            .tpm_trust = trust,
                                            .policy = policy,
                                            .now = at,
                                            .activation = activation ? &*activation : nullptr});
    const auto to_stdout = std::ranges::count_if(
        std::array{options.html, options.conclusion, options.occasion}, files::is_stdout);
    if (to_stdout > 1)
        return fail(ErrorCode::usage,
                    "expected one output that is '-', got more; standard output is one file");
    if (!options.html.empty()) TRY_VOID(write_output(options.html, as_view(report_html(appraisal.result))));
    const auto digest = conclusion_digest(appraisal.result);
    // The canonical bytes: the occasion's SHA-256 is the result's id, the conclusion's is in the result.
    if (!options.conclusion.empty())
        TRY_VOID(write_output(options.conclusion, as_view(encode_conclusion(appraisal.result))));
    if (!options.occasion.empty())
        TRY_VOID(write_output(options.occasion, as_view(encode_occasion(appraisal.result, digest))));
    if (!activation) tell_what_keys_would_do(bundle);
    if (to_stdout != 0) return command_line::exit_code(appraisal.result.tier);
    if (context.json)
        fmt::print("{}\n", encode_attestation_result(appraisal.result, digest));
    else
        fmt::print("{}", command_line::result_text(appraisal.result, command_line::colours()));
    return command_line::exit_code(appraisal.result.tier);
}

}  // namespace

void add_appraise(command_line::Command& app, Context& context) {
    const auto options = std::make_shared<AppraiseOptions>();
    auto* command = command_line::add_command(
        app, "appraise", "Appraise a saved bundle or a recorded host offline, with the verifier's own code",
        "assay appraise rack-7.bundle --policy policy.toml --vendors vendor-db --at 2026-11-22T10:42:25Z\n"
        "assay appraise rack-7.bundle --policy policy.toml --vendors vendor-db --roots tpm-roots --keys "
        "keys.json  # "
        "saved by the host itself\n"
        "assay appraise rack-7.bundle --policy policy.toml --vendors vendor-db --occasion o.json; sha256sum "
        "o.json  # "
        "the result's id",
        [&context, options] { return appraise_saved(context, *options); });
    command->add_option("BUNDLE", options->bundle, "A saved bundle, or a recorded host's folder")
        ->required()
        ->type_name("FILE");
    command->add_option("--policy", options->policy, "The appraisal policy (TOML), or a folder of policies")
        ->required()
        ->type_name("FILE|DIR");
    command->add_option("--label", options->labels, "A label of the host, by which one of them is chosen")
        ->type_name("NAME=VALUE");
    command
        ->add_option("--vendors", options->vendors,
                     "Vendor data: a folder with vendors/*.toml and decisions/*.toml, or a bundle")
        ->required()
        ->type_name("DIR|FILE");
    command
        ->add_option("--roots", options->roots,
                     "Folder with the pinned TPM root certificates, and with revocation lists (*.crl)")
        ->type_name("DIR");
    command
        ->add_option(
            "--keys", options->keys,
            "The verifier's public keys, JWKS (its /v1/keys) or one PEM public key: the attestation "
            "key then counts as activated by the signed statement in the bundle, and by nothing else")
        ->type_name("FILE");
    command->add_option(
        "--at", options->at,
        "The time to judge at, by default that of the bundle's challenge: 2026-11-22T10:42:25Z, @1795344145");
    command
        ->add_option("--conclusion", options->conclusion,
                     "Write what was concluded, without times: its SHA-256 is the result's `conclusion`")
        ->written();
    command
        ->add_option("--occasion", options->occasion,
                     "Write times, inputs and the conclusion's digest: its SHA-256 is the result's id")
        ->written();
    command->add_option("--html", options->html, "Write the provisioning report, too")->written();
}

}  // namespace assay::cli
