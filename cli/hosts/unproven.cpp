#include "cli/hosts/unproven.h"

#include <ctime>
#include <memory>
#include <set>

#include <fmt/core.h>

#include "cli/duration.h"
#include "cli/table.h"

namespace assay::cli {
namespace {

struct UnprovenOptions {
    std::string host, since;
};

std::string name_of(JsonReader& row) {
    const auto host = row.peek("host");
    return host.empty() ? "(no such host)" : cell(host);
}

/// One sentence for each thing that the rows say.
void advise(JsonReader& rows) {
    std::set<std::string_view> reasons;
    rows.each("", [&](JsonReader& row) { reasons.insert(row.peek("reason")); });
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
    return show_answer(context, TRY(get(context, path)), [](JsonReader& rows) {
        if (rows.size() == 0) return fmt::print("No evidence failed its proof.\n");
        Table table({"HOST", "SOURCE", "REASON", "TIMES", "FIRST", "LAST"});
        rows.each("", [&](JsonReader& row) {
            table.add({name_of(row), cell(row.peek("source")), cell(row.peek("reason")),
                       std::to_string(number_of(row, "times")), time_of(row, "first_at"),
                       time_of(row, "last_at")});
        });
        table.print();
        advise(rows);
    });
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
