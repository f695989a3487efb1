#include <memory>
#include <optional>

#include <fmt/core.h>

#include "cli/commands/commands.h"
#include "cli/hosts/matters.h"
#include "client/command_line/result_text.h"

namespace assay::cli {
namespace {

Result<command_line::ExitCode> show_host(const Context& context, const std::string& host, bool details) {
    const auto text = TRY(get(context, "/v1/hosts/" + client::percent_encoded(host)));
    JsonReader answer(text, kAnswer);
    TRY_VOID(answer.finish());
    std::optional<AttestationResult> result;
    if (answer.has("result")) result = TRY(decode_attestation_result(answer.encoded("result")));
    const auto verdict = result ? command_line::exit_code(result->tier) : command_line::ExitCode::none;
    if (context.json) {
        TRY_VOID(print_answer(text));
        return verdict;
    }
    if (answer.has("silence")) fmt::print("SILENT: {}\n\n", kept_cell(answer.text_at("silence.actual")));
    if (answer.has("unproven"))
        fmt::print("UNPROVEN evidence in this host's name: {}\n  see: assay hosts unproven --host {}\n\n",
                   kept_cell(answer.text_at("unproven.actual")), cell(host));
    if (result) {
        fmt::print("{}", details ? command_line::result_text(*result, command_line::colours())
                                 : command_line::brief_result_text(*result, command_line::colours()));
    } else {
        fmt::print("{}: CANNOT TELL, it never attested: run `assay-agent attest` on the host.\n", cell(host));
    }
    if (const auto open = number_of(answer, "open"); open != 0)
        fmt::print("\nOpen matters: {}, see: assay host matters {}\n", open, cell(host));
    fmt::print("\nenrolled {}, EK {}\n", time_of(answer, "enrolled_at"), cell(answer.peek("ek_digest")));
    if (result && !details)
        fmt::print("Claims, checks and both sides of each finding: assay host show {} --details\n",
                   cell(host));
    return verdict;
}

Result<command_line::ExitCode> export_bundle(const Context& context, const std::string& host,
                                             const std::string& out) {
    auto client = TRY(connect(context));
    const auto answer = TRY(client.get("/v1/hosts/" + client::percent_encoded(host) + "/bundle"));
    if (answer.status != 200) {
        return fail(answer.status == 404 ? ErrorCode::not_found : ErrorCode::refused,
                    fmt::format("the verifier answers {} for the bundle of {}", answer.status, cell(host)));
    }
    TRY_VOID(write_output(out, answer.body));
    if (!context.json && !files::is_stdout(out))
        fmt::print("{} bytes to {}. Appraise it anywhere: assay appraise {} --policy ... --vendors ...\n",
                   answer.body.size(), cell(out), cell(out));
    return command_line::ExitCode::done;
}

}  // namespace

void add_host(command_line::Command& app, Context& context) {
    auto* host = command_line::add_group(app, "host", "Show one host, or export its newest evidence");
    const auto name = std::make_shared<std::string>();
    const auto out = std::make_shared<std::string>();
    const auto details = std::make_shared<bool>(false);
    auto* show = command_line::add_command(
        *host, "show", "Verdict and findings of one host, and on request all that they stand on",
        "assay host show rack-7            # exit code 0 affirming, 3 contraindicated, 4 warning, 5 cannot "
        "tell\n"
        "assay host show rack-7 --details  # both sides of each finding, claims and every check",
        [&context, name, details] { return show_host(context, *name, *details); });
    show->add_option("HOST", *name, "The host's name")->required();
    show->add_flag("--details", *details, "Both sides of each finding, claims and every check");
    auto* exported = command_line::add_command(
        *host, "export", "Save the newest attestation for an offline appraisal by somebody else",
        "assay host export rack-7 --out rack-7.bundle",
        [&context, name, out] { return export_bundle(context, *name, *out); });
    exported->add_option("HOST", *name, "The host's name")->required();
    exported->add_option("--out", *out, "File to write")->required()->written();
    add_host_matters(*host, context);
}

}  // namespace assay::cli
