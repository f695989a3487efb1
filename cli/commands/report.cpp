#include <memory>

#include <fmt/core.h>

#include "cli/commands/commands.h"
#include "cli/report_html.h"
#include "client/command_line/result_text.h"

namespace assay::cli {
namespace {

Result<command_line::ExitCode> report(const Context& context, const std::string& host,
                                      const std::string& html) {
    const auto path = "/v1/hosts/" + client::percent_encoded(host);
    const auto machine = TRY(get(context, path + "/machine"));
    const auto answer = TRY(get(context, path));
    JsonReader found(answer, kAnswer);
    TRY_VOID(found.finish());
    auto tier = Tier::none;
    std::string page;
    if (found.has("result")) {
        const auto result = TRY(decode_attestation_result(found.encoded("result")));
        tier = result.tier;
        page = report_html(result, TRY(get(context, path + "/accompaniment")), machine);
    } else {
        page = unattested_report_html(machine);
    }
    TRY_VOID(write_output(html, as_view(page)));
    if (files::is_stdout(html)) return command_line::exit_code(tier);
    if (context.json)
        print_json(
            {{"host", host}, {"tier", to_string(tier)}, {"attested", found.has("result")}, {"html", html}});
    else
        fmt::print("{}: {}{}, report in {}\n", cell(host), command_line::tier_words(tier),
                   found.has("result") ? "" : " (it never attested)", cell(html));
    return command_line::exit_code(tier);
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
