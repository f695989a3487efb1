#include <memory>

#include <fmt/core.h>

#include "cli/commands/commands.h"
#include "cli/report_html.h"

namespace assay::cli {
namespace {

Result<command_line::ExitCode> report(const Context& context, const std::string& host,
                                      const std::string& html) {
    const auto answer = TRY(get(context, "/v1/hosts/" + client::percent_encoded(host) + "/result"));
    JsonReader result(answer, kAnswer);
    TRY_VOID(result.finish());
    if (!result.has("result"))
        return fail(ErrorCode::not_found, "the verifier has no result of " + cell(host));
    const auto decoded = TRY(decode_attestation_result(result.encoded("result")));
    const auto verdicts = TRY(get(context, "/v1/hosts/" + client::percent_encoded(host) + "/accompaniment"));
    TRY_VOID(write_output(html, as_view(report_html(decoded, verdicts))));
    if (files::is_stdout(html)) return command_line::exit_code(decoded.tier);
    if (context.json)
        print_json({{"host", host}, {"tier", to_string(decoded.tier)}, {"html", html}});
    else
        fmt::print("{}: {}, report in {}\n", cell(host), to_string(decoded.tier), cell(html));
    return command_line::exit_code(decoded.tier);
}

}  // namespace

void add_report(command_line::Command& app, Context& context) {
    const auto host = std::make_shared<std::string>();
    const auto html = std::make_shared<std::string>();
    auto* command = command_line::add_command(
        app, "report", "Write the provisioning report of one host: go or no-go, and why",
        "assay report rack-7 --html rack-7.html  # one self-contained file, printable",
        [&context, host, html] { return report(context, *host, *html); });
    command->add_option("HOST", *host, "The host")->required();
    command->add_option("--html", *html, "File to write")->required()->written();
}

}  // namespace assay::cli
