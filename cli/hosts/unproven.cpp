#include "cli/hosts/unproven.h"

#include <ctime>
#include <memory>
#include <set>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "cli/duration.h"

namespace assay::cli {
namespace {

struct UnprovenOptions {
    std::string host, since;
};

std::string name_of(const nlohmann::json& row) {
    const auto host = text_of(row, "host");
    return host.empty() ? "(no such host)" : cell(host);
}

/// One sentence for each thing that the rows say.
void advise(const nlohmann::json& rows) {
    std::set<std::string> reasons;
    for (const auto& row : rows) reasons.insert(text_of(row, "reason"));
    if (reasons.contains("signature") || reasons.contains("binding"))
        fmt::print(
            "signature, binding: somebody speaks for this host, or it has another TPM: see whose address it "
            "is, and `assay explain host.unproven_evidence`.\n");
    if (reasons.contains("nonce") || reasons.contains("replayed") || reasons.contains("malformed"))
        fmt::print(
            "nonce, replayed, malformed: from the host's own address an agent that is late, was restarted or "
            "is out of date; from another one somebody who tries.\n");
    if (reasons.contains("host"))
        fmt::print("host: a name that was never enrolled: an agent that was not enrolled, or a guess.\n");
}

Result<command_line::ExitCode> list(const Context& context, const UnprovenOptions& options) {
    std::string path = "/v1/unproven";
    char separator = '?';
    const auto ask = [&](const std::string& what) {
        path += separator + what;
        separator = '&';
    };
    if (!options.host.empty()) ask("host=" + client::percent_encoded(options.host));
    if (!options.since.empty())
        ask(fmt::format("since={}", TRY(parse_time(options.since, std::time(nullptr)))));
    const auto rows = TRY(get(context, path));
    if (context.json) {
        print_json(rows);
        return command_line::ExitCode::done;
    }
    if (rows.empty()) {
        fmt::print("No evidence failed its proof.\n");
        return command_line::ExitCode::done;
    }
    fmt::print("{:<24} {:<24} {:<10} {:>8}  {:<21} {}\n", "HOST", "SOURCE", "REASON", "TIMES", "FIRST",
               "LAST");
    for (const auto& row : rows) {
        fmt::print("{:<24} {:<24} {:<10} {:>8}  {:<21} {}\n", name_of(row), cell(text_of(row, "source")),
                   cell(text_of(row, "reason")), row.value("times", 0LL), time_of(row, "first_at"),
                   time_of(row, "last_at"));
    }
    advise(rows);
    return command_line::ExitCode::done;
}

}  // namespace

void add_hosts_unproven(command_line::Command& hosts, Context& context) {
    const auto options = std::make_shared<UnprovenOptions>();
    auto* command = command_line::add_command(
        hosts, "unproven", "List evidence whose proof failed: how often it came, in whose name, from where",
        "assay hosts unproven --since 24h\n"
        "assay hosts unproven --host rack-7 --json",
        [&context, options] { return list(context, *options); });
    command->add_option("--host", options->host, "Only in this host's name");
    command->add_option("--since", options->since, "Only since then: 24h, 2026-11-22, 2026-11-22T10:42:25Z");
}

}  // namespace assay::cli
