#include "cli/site/orders_live.h"

#include <memory>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "cli/site/mapping_file.h"
#include "evidence/base/text.h"
#include "verifier/judge/accompaniment/reading/case.h"
#include "verifier/service/inputs/order_mapping.h"

namespace assay::cli {
namespace {

using nlohmann::json;

constexpr std::size_t kMostOrdersLive = 16U << 20U;

struct Options {
    std::string file;
    std::string id;
    std::string mapping;
    std::string watermark;
};

// An export of a ticket system, in our form.
Result<json> mapped(const Options& options, const json& exported) {
    const auto file = TRY(read_mapping_file(options.mapping));
    const auto mapping = TRY(inputs::read_order_mapping(file.name, file.text));
    json out = json::object();
    out["orders"] = TRY(inputs::map_orders(exported, mapping));
    if (!options.watermark.empty()) out["watermark"] = options.watermark;
    return out;
}

Result<command_line::ExitCode> convert_orders(const Options& options) {
    const auto bytes = TRY(read_file(options.file, kMostOrdersLive));
    print_json(
        TRY(with_context(mapped(options, TRY(parse_answer(as_text(bytes)))), printable(options.file))));
    return command_line::ExitCode::done;
}

Result<command_line::ExitCode> import_orders(const Context& context, const Options& options) {
    const auto bytes = TRY(read_file(options.file, kMostOrdersLive));
    auto document = TRY(with_context(parse_answer(as_text(bytes)), printable(options.file)));
    if (!options.mapping.empty())
        document = TRY(with_context(mapped(options, document), printable(options.file)));
    else
        TRY_VOID(with_context(accompaniment::read_orders(as_text(bytes)), printable(options.file)));
    const auto answer = TRY(post(context, "/v1/work-orders", document));
    if (context.json) {
        print_json(answer);
    } else {
        fmt::print("{} orders, {} new or changed. {} device events judged again, {} verdicts changed.\n",
                   answer.value("orders", 0), answer.value("changed", 0), answer.value("judged", 0),
                   answer.value("verdicts_changed", 0));
    }
    return command_line::ExitCode::done;
}

std::string listed(const json& order, const char* key) {
    std::string out;
    for (const auto& item : order.value(key, json::array()))
        out += (out.empty() ? "" : ",") + cell(item.is_string() ? item.get<std::string>() : "");
    return out.empty() ? "-" : out;
}

Result<command_line::ExitCode> list_orders(const Context& context) {
    const auto orders = TRY(get(context, "/v1/work-orders"));
    if (context.json) {
        print_json(orders);
        return command_line::ExitCode::done;
    }
    fmt::print("{:<16} {:<12} {:<14} {:<22} {:<22} {:<20} {}\n", "ORDER", "STATE", "ISSUER", "FROM", "TO",
               "TECHNICIANS", "HOSTS, RACKS");
    for (const auto& entry : orders) {
        const auto& order = entry.at("order");
        fmt::print("{:<16} {:<12} {:<14} {:<22} {:<22} {:<20} {} {}\n", cell(text_of(order, "id")),
                   cell(text_of(order, "state")), cell(text_of(order, "issuer")),
                   cell(text_of(order, "from")), cell(text_of(order, "to")), listed(order, "technicians"),
                   listed(order, "hosts"), listed(order, "racks"));
    }
    return command_line::ExitCode::done;
}

Result<command_line::ExitCode> show_order(const Context& context, const Options& options) {
    const auto orders = TRY(get(context, "/v1/work-orders?id=" + client::percent_encoded(options.id)));
    if (orders.empty())
        return fail(ErrorCode::not_found,
                    fmt::format("no order {}; 'assay orders list' shows all", cell(options.id)));
    const auto& entry = orders.front();
    if (context.json) {
        print_json(entry);
        return command_line::ExitCode::done;
    }
    const auto& order = entry.at("order");
    for (const auto* key : {"id", "state", "issuer", "requester", "from", "to", "created_at", "created_by"})
        fmt::print("{:<12} {}\n", key, cell(text_of(order, key)));
    for (const auto* key : {"technicians", "escorts", "hosts", "racks"})
        fmt::print("{:<12} {}\n", key, listed(order, key));
    if (!text_of(entry, "contradiction").empty())
        fmt::print("CONTRADICTION {}\n", cell(text_of(entry, "contradiction")));
    fmt::print("\n{:<22} {:<20} {:<36} {}\n", "SINCE", "BY", "CHANGED", "VERSION");
    for (const auto& version : entry.at("versions")) {
        fmt::print("{:<22} {:<20} {:<36} {}\n", cell(text_of(version, "from")), cell(text_of(version, "by")),
                   listed(version, "changed"), cell(text_of(version, "sha256")).substr(0, 16));
    }
    return command_line::ExitCode::done;
}

}  // namespace

void add_orders_live(command_line::Command& orders, Context& context) {
    const auto options = std::make_shared<Options>();
    auto* import = command_line::add_command(
        orders, "import",
        "Give the verifier work orders with their history; a history may grow and nothing else",
        "assay orders import orders.json      # docs/formats/accompaniment-case.md, orders.json\n"
        "assay orders import change_request.json --mapping servicenow --watermark 2026-03-02T14:00:00Z",
        [&context, options] { return import_orders(context, *options); });
    import->add_option("FILE", options->file, "The orders, and with \"watermark\" up to when they are all")
        ->required()
        ->type_name("FILE");
    const auto mapped_by = [options](command_line::Command* command, bool required) {
        command
            ->add_option("--mapping", options->mapping,
                         "How an export is read: a file, or one of servicenow, jira")
            ->type_name("FILE")
            ->required(required);
        command->add_option("--watermark", options->watermark,
                            "Every order and change up to this time is in it");
    };
    mapped_by(import, false);
    auto* convert = command_line::add_command(
        orders, "convert", "Show how an export is read; nothing is sent",
        "assay orders convert issues.json --mapping jira", [options] { return convert_orders(*options); });
    convert->add_option("FILE", options->file, "The export")->required()->type_name("FILE");
    mapped_by(convert, true);
    command_line::add_command(orders, "list", "List the newest state of all orders", "assay orders list",
                              [&context] { return list_orders(context); });
    auto* show = command_line::add_command(
        orders, "show", "One order: each change with its author, and its versions",
        "assay orders show WO-1017", [&context, options] { return show_order(context, *options); });
    show->add_option("ORDER", options->id, "The order's id")->required();
}

}  // namespace assay::cli
