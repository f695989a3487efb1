#include <memory>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "cli/commands/commands.h"
#include "cli/moments.h"
#include "cli/table.h"

namespace assay::cli {
namespace {

struct DevicesOptions {
    std::string host;
    std::uint64_t limit = 100;
};

Result<command_line::ExitCode> list_devices(const Context& context, const DevicesOptions& options) {
    auto path = fmt::format("/v1/devices?limit={}", options.limit);
    if (!options.host.empty()) path += "&host=" + client::percent_encoded(options.host);
    return show_answer(context, TRY(get(context, path)), [](JsonReader& devices) {
        Table table({"ID", "SERIAL", "GRADE", "WHAT", "FIRST SEEN", "LAST SEEN", "HOSTS (* there now)"});
        devices.each("", [&](JsonReader& device) {
            std::vector<std::string> hosts;
            device.each("hosts", [&](JsonReader& in) {
                hosts.push_back(cell(in.peek("host")) + (in.flag_or("present", false) ? "*" : ""));
            });
            table.add({cell(fmt::format("{}:{}", device.peek("vid"), device.peek("pid"))),
                       stored_cell(device, "serial"), cell(device.peek("serial_grade")),
                       stored_cell(device, "manufacturer") + " " + stored_cell(device, "product"),
                       moment_of(device, "first_seen"), moment_of(device, "last_seen"),
                       fmt::format("{}", fmt::join(hosts, ", "))});
        });
        table.print();
        if (devices.size() == 0) fmt::print("No journal has told of a USB device yet.\n");
    });
}

}  // namespace

void add_devices(command_line::Command& app, Context& context) {
    const auto options = std::make_shared<DevicesOptions>();
    auto* command =
        command_line::add_command(app, "devices", "List every USB device that was seen, and in which hosts",
                                  "assay devices --host rack-7\n"
                                  "assay devices --json | jq -r '.[] | select((.hosts | length) > 1).serial' "
                                  " # what went from host to host",
                                  [&context, options] { return list_devices(context, *options); });
    command->add_option("--host", options->host, "Only what was in this host");
    command->add_option("--limit", options->limit, "At most this many")->in_range(1, 1000)->show_default();
}

}  // namespace assay::cli
