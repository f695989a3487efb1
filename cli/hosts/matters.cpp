#include "cli/hosts/matters.h"

#include <memory>

#include <fmt/core.h>

#include "evidence/base/text.h"

namespace assay::cli {
namespace {

struct MatterOptions {
    std::string host, matter, group, reason;
    std::uint64_t limit = 100;
};

/// "3f2a91c0aa10be55  usb.unaccompanied: USB port 1-4".
std::string heading(JsonReader& matter) {
    return fmt::format("{}  {}: {}", cell(matter.peek("matter")), cell(matter.peek("id")),
                       kept_cell(matter.peek("subject")));
}

std::string lacking(JsonReader& matter) {
    const auto lacks = matter.peek("lacks");
    return lacks.empty() ? "over: told no more from its next report on" : kept_printable(lacks);
}

void print_matter(JsonReader& matter) {
    const auto line = [&](const char* label, std::string_view key) {
        if (const auto text = matter.peek(key); !text.empty())
            fmt::print("      {:<9} {}\n", label, kept_printable(text));
    };
    fmt::print("{}  [{}], told since {}\n", heading(matter), cell(matter.peek("tier")),
               time_of(matter, "since"));
    line("expected", "expected");
    line("found", "actual");
    line("where", "evidence");
    matter.each("acknowledged", [](JsonReader& by) {
        fmt::print("      seen by   {} at {}\n", cell(by.peek("by")), time_of(by, "at"));
    });
    fmt::print("      lacks     {}\n", lacking(matter));
}

Result<command_line::ExitCode> list_matters(const Context& context, const std::string& host) {
    const auto path = "/v1/hosts/" + client::percent_encoded(host) + "/matters";
    return show_answer(context, TRY(get(context, path)), [](JsonReader& answer) {
        answer.each("matters", print_matter);
        const auto more = number_of(answer, "more");
        if (more != 0) fmt::print("and {} more, that are named when these are over\n", more);
        if (answer.size("matters") == 0 && more == 0) fmt::print("Nothing is open.\n");
    });
}

void print_acknowledged(JsonReader& answer) {
    answer.each("acknowledged", [](JsonReader& matter) {
        fmt::print("{}  {}: {}\n", cell(matter.peek("host")), heading(matter), lacking(matter));
    });
}

/// A group may have more hosts than one answer holds.
Result<command_line::ExitCode> acknowledge_group(const Context& context, const MatterOptions& options) {
    auto client = TRY(connect(context));
    auto all = Json::array();
    std::string after;
    do {
        Json body = {{"group", options.group}, {"reason", options.reason}};
        if (!after.empty()) body["after"] = after;
        const auto text = TRY(client.post_json("/v1/acknowledgements", body.dump()));
        JsonReader answer(text, kAnswer);
        answer.each("acknowledged",
                    [&](JsonReader& matter) { all.push_back(Json::encoded(matter.encoded(""))); });
        if (!context.json) print_acknowledged(answer);
        TRY_VOID(answer.finish());
        after = std::string(answer.peek("next"));
    } while (!after.empty());
    if (context.json)
        print_json(Json{{"acknowledged", all}});
    else
        fmt::print("{} acknowledged\n", all.size());
    return command_line::ExitCode::done;
}

Result<command_line::ExitCode> acknowledge(const Context& context, const MatterOptions& options) {
    const bool names_one = !options.host.empty() && !options.matter.empty();
    const bool names_any = !options.host.empty() || !options.matter.empty();
    if (options.group.empty() ? !names_one : names_any)
        return fail(
            ErrorCode::usage,
            "expected HOST and MATTER, or --group KEY alone; `assay host matters HOST` lists the matters of "
            "a host");
    if (!options.group.empty()) return acknowledge_group(context, options);
    const Json body = {{"host", options.host}, {"matter", options.matter}, {"reason", options.reason}};
    return show_answer(context, TRY(post(context, "/v1/acknowledgements", body)), print_acknowledged);
}

Result<command_line::ExitCode> list_acknowledgements(const Context& context, const MatterOptions& options) {
    auto path = fmt::format("/v1/acknowledgements?limit={}", options.limit);
    if (!options.host.empty()) path += "&host=" + client::percent_encoded(options.host);
    return show_answer(context, TRY(get(context, path)), [](JsonReader& rows) {
        rows.each("", [](JsonReader& row) {
            fmt::print("{}  {}  {}  {}: {}\n", time_of(row, "at"), cell(row.peek("host")),
                       cell(row.peek("matter")), cell(row.peek("by")), cell(row.peek("reason")));
        });
        if (rows.size() == 0) fmt::print("Nothing was acknowledged.\n");
    });
}

}  // namespace

void add_host_matters(command_line::Command& host, Context& context) {
    const auto name = std::make_shared<std::string>();
    auto* command = command_line::add_command(
        host, "matters", "What was told of one host and is not over, with who has acknowledged it",
        "assay host matters rack-7\n"
        "assay host matters rack-7 --json | jq -r '.matters[].matter'",
        [&context, name] { return list_matters(context, *name); });
    command->add_option("HOST", *name, "The host's name")->required();
}

void add_findings_acknowledging(command_line::Command& findings, Context& context) {
    const auto options = std::make_shared<MatterOptions>();
    auto* ack = command_line::add_command(
        findings, "ack",
        "Acknowledge a matter of a host, or all of one group; two people where data may have moved",
        "assay findings ack rack-7 3f2a91c0aa10be55 --reason 'INC-88: the stick is in our safe'\n"
        "assay findings ack --group 9c1e...40 --reason 'CHG-12: BIOS 2.20 was rolled out'",
        [&context, options] { return acknowledge(context, *options); });
    ack->add_option("HOST", options->host, "The host's name");
    ack->add_option("MATTER", options->matter, "As the finding names it: matter 3f2a91c0aa10be55");
    ack->add_option(
           "--group", options->group,
           "On every host whose newest result has a finding of this group: `group` of assay findings --json")
        ->type_name("KEY");
    ack->add_option("--reason", options->reason, "What was found out; it is kept with your name")->required();
    auto* list =
        command_line::add_command(findings, "acks", "List who acknowledged what, when and why, newest first",
                                  "assay findings acks --host rack-7",
                                  [&context, options] { return list_acknowledgements(context, *options); });
    list->add_option("--host", options->host, "Only of this host");
    list->add_option("--limit", options->limit, "At most this many")->in_range(1, 1000)->show_default();
}

}  // namespace assay::cli
