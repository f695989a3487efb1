#include <memory>

#include <fmt/core.h>

#include "cli/commands/commands.h"
#include "cli/hosts/admission.h"
#include "cli/hosts/endorse.h"
#include "cli/hosts/label.h"
#include "cli/hosts/unproven.h"
#include "cli/table.h"
#include "client/command_line/result_text.h"

namespace assay::cli {
namespace {

constexpr const char* kNever = "never";

/// A verifier of before has 0 for what never was.
std::string time_or_never(JsonReader& host, std::string_view key) {
    const auto text = host.text_at(key);
    return text.empty() || text == "0" ? kNever : time_of(host, key);
}

std::string verdict_of(JsonReader& host) {
    if (host.peek("result_id").empty()) return "not attested";
    const auto tier = tier_from_name(host.peek("tier"));
    return tier ? std::string(command_line::tier_words(*tier)) : cell(host.peek("tier"));
}

// Who is silent may have become anything since, and where there is no host nothing is affirmed.
Result<command_line::ExitCode> verdict_of_all(std::string_view answer) {
    using command_line::ExitCode;
    auto worst = ExitCode::done;
    JsonReader hosts(answer, kAnswer);
    hosts.each("", [&](JsonReader& host) {
        const auto tier = tier_from_name(host.peek("tier")).value_or(Tier::none);
        worst = command_line::graver(worst, command_line::exit_code(tier));
        if (host.flag_or("silent", false)) worst = command_line::graver(worst, ExitCode::none);
    });
    TRY_VOID(hosts.finish());
    return hosts.size() == 0 ? ExitCode::none : worst;
}

Result<command_line::ExitCode> list_hosts(const Context& context, bool exit_code) {
    const auto answer = TRY(get(context, "/v1/hosts"));
    const auto shown = TRY(show_answer(context, answer, [](JsonReader& hosts) {
        Table table({"HOST", "VERDICT", "APPRAISED", "HEARD", "RESULT"});
        int silent = 0;
        hosts.each("", [&](JsonReader& host) {
            const bool is_silent = host.flag_or("silent", false);
            silent += is_silent ? 1 : 0;
            table.add({cell(host.peek("host")), verdict_of(host), time_or_never(host, "appraised_at"),
                       is_silent                                      ? "SILENT"
                       : time_or_never(host, "attested_at") == kNever ? kNever
                                                                      : "lately",
                       cell(host.peek("result_id").substr(0, 16))});
        });
        if (!table.empty()) table.print();
        if (silent != 0)
            fmt::print("{} silent: `assay findings --id host.silent` says since when.\n", silent);
        if (hosts.size() == 0)
            fmt::print(
                "No host is enrolled yet: `assay token HOST` makes the token for `assay-agent enrol`, or "
                "`assay hosts register` takes the purchase list.\n");
    }));
    return exit_code ? verdict_of_all(answer) : shown;
}

}  // namespace

void add_hosts(command_line::Command& app, Context& context) {
    const auto exit_code = std::make_shared<bool>(false);
    auto* hosts = command_line::add_command(
        app, "hosts", "List the enrolled hosts with their latest verdict",
        "assay hosts --json | jq -r '.[] | select(.tier != \"affirming\").host'  # who is not affirming\n"
        "assay hosts --exit-code >/dev/null || echo 'not all are as they should be'",
        [&context, exit_code] { return list_hosts(context, *exit_code); });
    hosts->add_flag("--exit-code", *exit_code,
                    "Exit code 0 only where there is a host, and all are affirming and heard of lately; else "
                    "the gravest: 3 contraindicated, 5 none or silent, 4 warning");
    add_hosts_admission(*hosts, context);
    add_hosts_endorse(*hosts, context);
    add_hosts_label(*hosts, context);
    add_hosts_unproven(*hosts, context);
}

}  // namespace assay::cli
