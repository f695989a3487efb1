#include <memory>

#include <fmt/core.h>

#include "cli/commands/commands.h"
#include "cli/moments.h"
#include "cli/table.h"

namespace assay::cli {
namespace {

struct DeviceOptions {
    std::string serial, host;
    std::uint64_t limit = 1000;
};

// What is still there has no end; a stay whose end nobody saw says so.
std::string end_of(JsonReader& sighting) {
    const auto kind = sighting.peek("kind");
    if (kind == "remove") return "";
    if (!sighting.has("end")) return "still there";
    const auto by = sighting.text_at("end.kind");
    const auto record = number_of(sighting, "end.record");
    if (by == "remove") return fmt::format("until record {}", record);
    return fmt::format("not followed beyond record {} ({})", record, cell(by));
}

Result<command_line::ExitCode> show_device(const Context& context, const DeviceOptions& options) {
    auto path = fmt::format("/v1/devices/sightings?limit={}&serial={}", options.limit,
                            client::percent_encoded(options.serial));
    if (!options.host.empty()) path += "&host=" + client::percent_encoded(options.host);
    const auto text = TRY(get(context, path));
    const bool none = JsonReader(text, kAnswer).size() == 0;
    TRY(show_answer(context, text, [&](JsonReader& sightings) {
        if (none)
            return fmt::print(
                "No journal has told of a device with this serial number; `assay devices` has all.\n");
        Table table({"TIME", "HOST", "PORT", "RECORD", "WHAT", "ID", "STAY"});
        sightings.each("", [&](JsonReader& sighting) {
            table.add(
                {moment_of(sighting, "time.at"), cell(sighting.peek("host")), stored_cell(sighting, "port"),
                 std::to_string(number_of(sighting, "record")), cell(sighting.peek("kind")),
                 cell(fmt::format("{}:{}", sighting.peek("vid"), sighting.peek("pid"))), end_of(sighting)});
        });
        table.print();
    }));
    return none ? command_line::ExitCode::none : command_line::ExitCode::done;
}

}  // namespace

void add_device(command_line::Command& app, Context& context) {
    auto* device = command_line::add_group(app, "device", "Show where one USB device was");
    const auto options = std::make_shared<DeviceOptions>();
    auto* show = command_line::add_command(
        *device, "show", "Everywhere that devices with one serial number were seen, in the order of time",
        "assay device show 4C530001230415117495  # exit code 5: nowhere\n"
        "assay device show 'SN 1' --host rack-7 --json",
        [&context, options] { return show_device(context, *options); });
    show->add_option("SERIAL", options->serial, "The serial number, as `assay devices` shows it")->required();
    show->add_option("--host", options->host, "Only in this host");
    show->add_option("--limit", options->limit, "At most this many, the newest")
        ->in_range(1, 1000)
        ->show_default();
}

}  // namespace assay::cli
