#include <ctime>
#include <memory>

#include <fmt/core.h>

#include "cli/commands/commands.h"
#include "cli/duration.h"
#include "cli/hosts/matters.h"
#include "client/command_line/result_text.h"

namespace assay::cli {
namespace {

struct FindingsOptions {
    std::string host;
    std::string since;
    std::string id;
    std::uint64_t limit = 100;
    bool exit_code = false;
};

Result<std::string> query(const FindingsOptions& options) {
    std::string path = fmt::format("/v1/findings?limit={}", options.limit);
    if (!options.host.empty()) path += "&host=" + client::percent_encoded(options.host);
    if (!options.id.empty()) path += "&id=" + client::percent_encoded(options.id);
    if (!options.since.empty())
        path += fmt::format("&since={}", TRY(parse_time(options.since, std::time(nullptr))));
    return path;
}

Finding finding_of(JsonReader& row) {
    Finding finding;
    finding.id = row.peek("id");
    finding.tier = tier_from_name(row.peek("tier")).value_or(Tier::none);
    finding.subject = row.peek("subject");
    finding.expected = row.peek("expected");
    finding.actual = row.peek("actual");
    finding.evidence = row.peek("evidence");
    finding.remedy = row.peek("remedy");
    for (const auto basis : {Basis::endorsed, Basis::quoted, Basis::bound, Basis::self_reported}) {
        if (to_string(basis) == row.peek("basis")) finding.basis = basis;
    }
    return finding;
}

// Where the list ends because it is full, what comes behind it may be graver.
Result<command_line::ExitCode> verdict_of(std::string_view answer, std::uint64_t limit) {
    using command_line::ExitCode;
    auto worst = ExitCode::done;
    JsonReader rows(answer, kAnswer);
    rows.each("", [&](JsonReader& row) {
        const auto tier = tier_from_name(row.peek("tier")).value_or(Tier::none);
        worst = command_line::graver(worst, command_line::exit_code(tier));
    });
    TRY_VOID(rows.finish());
    return rows.size() < limit ? worst : command_line::graver(worst, ExitCode::none);
}

Result<command_line::ExitCode> list_findings(const Context& context, const FindingsOptions& options) {
    const auto answer = TRY(get(context, TRY(query(options))));
    const auto shown = TRY(show_answer(context, answer, [](JsonReader& rows) {
        rows.each("", [](JsonReader& row) {
            fmt::print("{}  {}\n{}", time_of(row, "appraised_at"), cell(row.peek("host")),
                       command_line::finding_text(finding_of(row), command_line::colours()));
        });
        if (rows.size() == 0) fmt::print("No findings.\n");
    }));
    return options.exit_code ? verdict_of(answer, options.limit) : shown;
}

}  // namespace

void add_findings(command_line::Command& app, Context& context) {
    const auto options = std::make_shared<FindingsOptions>();
    auto* command =
        command_line::add_command(app, "findings", "List findings, newest first",
                                  "assay findings --id usb.unaccompanied --since 7d\n"
                                  "assay findings --host rack-7 --json | jq -r '.[].group' | sort | uniq -c",
                                  [&context, options] { return list_findings(context, *options); });
    command->add_option("--host", options->host, "Only of this host");
    command->add_option("--since", options->since, "Only since then: 24h, 2026-11-22, 2026-11-22T10:42:25Z");
    command->add_option("--id", options->id, "Only with this finding id");
    command->add_option("--limit", options->limit, "At most this many")->in_range(1, 10000)->show_default();
    command->add_flag(
        "--exit-code", options->exit_code,
        "Exit code 0 only where no finding is listed that is not affirming; else the gravest: 3 "
        "contraindicated, 5 none or --limit reached, 4 warning");
    add_findings_acknowledging(*command, context);
}

}  // namespace assay::cli
