#include <ctime>
#include <memory>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "cli/commands/commands.h"
#include "cli/duration.h"
#include "client/command_line/result_text.h"

namespace assay::cli {
namespace {

struct FindingsOptions {
    std::string host;
    std::string since;
    std::string id;
    std::uint64_t limit = 100;
};

Result<std::string> query(const FindingsOptions& options) {
    std::string path = fmt::format("/v1/findings?limit={}", options.limit);
    if (!options.host.empty()) path += "&host=" + client::percent_encoded(options.host);
    if (!options.id.empty()) path += "&id=" + client::percent_encoded(options.id);
    if (!options.since.empty())
        path += fmt::format("&since={}", TRY(parse_time(options.since, std::time(nullptr))));
    return path;
}

Finding finding_of(const nlohmann::json& row) {
    Finding finding;
    finding.id = text_of(row, "id");
    finding.tier = tier_from_name(text_of(row, "tier")).value_or(Tier::none);
    finding.subject = text_of(row, "subject");
    finding.expected = text_of(row, "expected");
    finding.actual = text_of(row, "actual");
    finding.evidence = text_of(row, "evidence");
    finding.remedy = text_of(row, "remedy");
    for (const auto basis : {Basis::endorsed, Basis::quoted, Basis::bound, Basis::self_reported}) {
        if (to_string(basis) == text_of(row, "basis")) finding.basis = basis;
    }
    return finding;
}

Result<command_line::ExitCode> list_findings(const Context& context, const FindingsOptions& options) {
    const auto rows = TRY(get(context, TRY(query(options))));
    if (context.json) {
        print_json(rows);
        return command_line::ExitCode::done;
    }
    for (const auto& row : rows) {
        fmt::print("{}  {}\n{}", time_of(row, "appraised_at"), cell(text_of(row, "host")),
                   command_line::finding_text(finding_of(row), command_line::colours()));
    }
    if (rows.empty()) fmt::print("No findings.\n");
    return command_line::ExitCode::done;
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
}

}  // namespace assay::cli
