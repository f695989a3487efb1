#include <ctime>
#include <memory>
#include <utility>

#include <fmt/core.h>

#include "cli/commands/commands.h"
#include "cli/duration.h"
#include "cli/hosts/matters.h"
#include "cli/table.h"
#include "client/command_line/result_text.h"

namespace assay::cli {
namespace {

constexpr int kMostFindings = 10'000;  // as the verifier has it: docs/openapi.yaml

struct FindingsOptions {
    std::string host;
    std::string since;
    std::string id;
    std::uint64_t limit = 100;
    bool exit_code = false;
    bool history = false;
    bool details = false;
};

Result<std::string> query(const FindingsOptions& options) {
    std::string path = fmt::format("/v1/findings{}?limit={}", options.history ? "" : "/open", options.limit);
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

/// How to see what a list does not show.
std::string more_advice(const FindingsOptions& options) {
    return options.limit < std::uint64_t{kMostFindings}
               ? fmt::format("`--limit {}` shows up to {} of them; --host, --id and --since narrow.",
                             kMostFindings, kMostFindings)
               : std::string("--host, --id and --since narrow.");
}

void print_history(JsonReader& rows, const FindingsOptions& options) {
    rows.each("", [](JsonReader& row) {
        fmt::print("{}  {}\n{}", time_of(row, "appraised_at"), cell(row.peek("host")),
                   command_line::finding_text(finding_of(row), command_line::colours()));
    });
    if (rows.size() == 0) fmt::print("No findings.\n");
    if (rows.size() == options.limit)
        fmt::print("The newest {}; there may be older ones: {}\n", options.limit, more_advice(options));
}

void print_open(JsonReader& answer, const FindingsOptions& options) {
    Table table({"VERDICT", "HOST", "FINDING", "SUBJECT", "SINCE", "TIMES", "LAST", "RESULT"});
    answer.each("findings", [&](JsonReader& row) {
        if (options.details)
            fmt::print("{}  since {}, {} times, last {}\n{}", cell(row.peek("host")), time_of(row, "since"),
                       number_of(row, "times"), time_of(row, "appraised_at"),
                       command_line::finding_text(finding_of(row), command_line::colours()));
        table.add({cell(row.peek("tier")), cell(row.peek("host")), cell(row.peek("id")),
                   kept_cell(row.peek("subject")), time_of(row, "since"),
                   std::to_string(number_of(row, "times")), time_of(row, "appraised_at"),
                   cell(row.peek("result_id").substr(0, 16))});
    });
    const auto total = number_of(answer, "total");
    const auto shown = static_cast<std::int64_t>(answer.size("findings"));
    if (shown == 0) return fmt::print("No findings.\n");
    if (!options.details) {
        table.print();
        fmt::print("`--details` shows what was expected and found, and what to do next.\n");
    }
    if (shown < total)
        fmt::print("{} of {} shown, the worst first: {}\n", shown, total, more_advice(options));
}

// Where the list ends because it is full, what comes behind it may be graver.
Result<command_line::ExitCode> verdict_of(std::string_view answer, const FindingsOptions& options) {
    using command_line::ExitCode;
    auto worst = ExitCode::done;
    const std::string_view list = options.history ? "" : "findings";
    JsonReader rows(answer, kAnswer);
    rows.each(list, [&](JsonReader& row) {
        const auto tier = tier_from_name(row.peek("tier")).value_or(Tier::none);
        worst = command_line::graver(worst, command_line::exit_code(tier));
    });
    const auto shown = options.history ? rows.size() : rows.size(list);
    const bool whole =
        options.history ? shown < options.limit : std::cmp_equal(shown, number_of(rows, "total"));
    TRY_VOID(rows.finish());
    return whole ? worst : command_line::graver(worst, ExitCode::none);
}

Result<command_line::ExitCode> list_findings(const Context& context, const FindingsOptions& options) {
    const auto answer = TRY(get(context, TRY(query(options))));
    const auto shown = TRY(show_answer(context, answer, [&](JsonReader& rows) {
        options.history ? print_history(rows, options) : print_open(rows, options);
    }));
    return options.exit_code ? verdict_of(answer, options) : shown;
}

}  // namespace

void add_findings(command_line::Command& app, Context& context) {
    const auto options = std::make_shared<FindingsOptions>();
    auto* command = command_line::add_command(
        app, "findings", "List what stands against hosts now: a row each, the worst first",
        "assay findings --id usb.unaccompanied --since 7d\n"
        "assay findings --host rack-7 --details    # both sides of each, and what to do next\n"
        "assay findings --host rack-7 --history    # as results told them, with those that are over\n"
        "assay findings --json | jq -r '.findings[].group' | sort | uniq -c",
        [&context, options] { return list_findings(context, *options); });
    command->add_option("--host", options->host, "Only of this host");
    command->add_option("--since", options->since,
                        "Only what was told first since then; with --history, last: 24h, 2026-11-22, "
                        "2026-11-22T10:42:25Z");
    command->add_option("--id", options->id, "Only with this finding id");
    command->add_option("--limit", options->limit, "At most this many")
        ->in_range(1, kMostFindings)
        ->show_default();
    command->add_flag("--history", options->history, "Every result's findings, the newest first");
    command->add_flag("--details", options->details,
                      "What was expected and found, where, and what to do next");
    command->add_flag(
        "--exit-code", options->exit_code,
        "Exit code 0 only where no finding is listed that is not affirming; else the gravest: 3 "
        "contraindicated, 5 none or --limit reached, 4 warning");
    add_findings_acknowledging(*command, context);
}

}  // namespace assay::cli
