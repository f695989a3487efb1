#include <fmt/core.h>

#include "cli/commands/commands.h"
#include "cli/hosts/admission.h"
#include "cli/hosts/endorse.h"
#include "cli/hosts/label.h"
#include "cli/hosts/unproven.h"

namespace assay::cli {
namespace {

Result<command_line::ExitCode> list_hosts(const Context& context) {
    return show_answer(context, TRY(get(context, "/v1/hosts")), [](JsonReader& hosts) {
        fmt::print("{:<32} {:<16} {:<21} {:<8} {}\n", "HOST", "VERDICT", "APPRAISED", "HEARD", "RESULT");
        int silent = 0;
        hosts.each("", [&](JsonReader& host) {
            const bool is_silent = host.flag_or("silent", false);
            silent += is_silent ? 1 : 0;
            fmt::print("{:<32} {:<16} {:<21} {:<8} {}\n", cell(host.peek("host")), cell(host.peek("tier")),
                       time_of(host, "appraised_at"), is_silent ? "SILENT" : "lately",
                       cell(host.peek("result_id")).substr(0, 16));
        });
        if (silent != 0)
            fmt::print("{} silent: `assay findings --id host.silent` says since when.\n", silent);
        if (hosts.size() == 0)
            fmt::print(
                "No host is enrolled yet: `assay token HOST` makes the token for `assay-agent enrol`, or "
                "`assay hosts register` takes the purchase list.\n");
    });
}

}  // namespace

void add_hosts(command_line::Command& app, Context& context) {
    auto* hosts = command_line::add_command(
        app, "hosts", "List the enrolled hosts with their latest verdict",
        "assay hosts --json | jq -r '.[] | select(.tier != \"affirming\").host'  # who is not affirming",
        [&context] { return list_hosts(context); });
    add_hosts_admission(*hosts, context);
    add_hosts_endorse(*hosts, context);
    add_hosts_label(*hosts, context);
    add_hosts_unproven(*hosts, context);
}

}  // namespace assay::cli
