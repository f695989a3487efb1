#include "cli/site/orders_live.h"

#include <memory>

#include <fmt/core.h>

#include "cli/site/mapping_file.h"
#include "cli/table.h"
#include "evidence/base/text.h"
#include "verifier/judge/accompaniment/reading/case.h"
#include "verifier/service/inputs/order_mapping.h"

namespace assay::cli {
namespace {

constexpr std::size_t kMostOrdersLive = 16U << 20U;

struct Options {
    std::string file;
    std::string id;
    std::string mapping;
    std::string watermark;
    std::int64_t export_number = 0;  // 0: not said
};

struct OrdersFile {
    Json document = Json::object();  ///< an export of a ticket system, in our form
    command_line::ExitCode code = command_line::ExitCode::done;
};

// What became of an export, on standard error: standard output is the answer's.
command_line::ExitCode tell(const inputs::MappedOrders& mapped) {
    fmt::print(stderr, "{} orders, {} changes in their histories", mapped.orders.size(), mapped.changes);
    if (mapped.other_fields != 0)
        fmt::print(stderr, "; {} changes of fields that the mapping does not name", mapped.other_fields);
    if (mapped.other_entries != 0)
        fmt::print(stderr, "; {} entries that the mapping does not keep", mapped.other_entries);
    fmt::print(stderr, "\n");
    if (mapped.strays == 0) return command_line::ExitCode::done;
    std::string of;
    for (const auto& each : mapped.stray_of) of += (of.empty() ? "" : ", ") + cell(each);
    fmt::print(
        stderr,
        "warning: {} entries of the history belong to no order of this export, but to {}{}; export the "
        "orders that they belong to with them\n",
        mapped.strays, of, mapped.stray_of.size() == inputs::MappedOrders::kStrays ? ", ..." : "");
    return command_line::ExitCode::warning;
}

Result<OrdersFile> mapped(const Options& options, std::string_view exported) {
    const auto file = TRY(read_mapping_file(options.mapping));
    const auto mapping = TRY(inputs::read_order_mapping(file.name, file.text));
    auto orders = TRY(inputs::map_orders(exported, mapping));
    OrdersFile out;
    out.code = tell(orders);
    out.document["orders"] = std::move(orders.orders);
    if (!options.watermark.empty()) out.document["watermark"] = options.watermark;
    return out;
}

Result<command_line::ExitCode> convert_orders(const Options& options) {
    const auto bytes = TRY(read_file(options.file, kMostOrdersLive));
    const auto out = TRY(with_context(mapped(options, as_text(bytes)), printable(options.file)));
    print_json(out.document);
    return out.code;
}

Result<command_line::ExitCode> import_orders(const Context& context, const Options& options) {
    const auto bytes = TRY(read_file(options.file, kMostOrdersLive));
    std::string document;
    auto code = command_line::ExitCode::done;
    if (!options.mapping.empty()) {
        const auto out = TRY(with_context(mapped(options, as_text(bytes)), printable(options.file)));
        document = out.document.dump();
        code = out.code;
    } else {
        document = indented_json(as_text(bytes), -1);
    }
    if (options.export_number != 0) {
        if (document.front() != '{' || document == "{}")
            return fail(ErrorCode::usage, "--export: expected a file that is a JSON object with orders");
        document.insert(1, fmt::format("\"export\":{},", options.export_number));
    }
    const auto shown =
        TRY(show_answer(context, TRY(post(context, "/v1/work-orders", document)), [](JsonReader& answer) {
            fmt::print("{} orders, {} new or changed. {} device events judged again, {} verdicts changed.\n",
                       number_of(answer, "orders"), number_of(answer, "changed"), number_of(answer, "judged"),
                       number_of(answer, "verdicts_changed"));
        }));
    return shown == command_line::ExitCode::done ? code : shown;
}

Result<command_line::ExitCode> list_orders(const Context& context) {
    return show_answer(context, TRY(get(context, "/v1/work-orders")), [](JsonReader& orders) {
        Table table({"ORDER", "STATE", "ISSUER", "FROM", "TO", "TECHNICIANS", "HOSTS", "RACKS"});
        orders.each("", [&](JsonReader& entry) {
            entry.object("order", [&](JsonReader& order) {
                table.add({cell(order.peek("id")), cell(order.peek("state")), cell(order.peek("issuer")),
                           cell(order.peek("from")), cell(order.peek("to")),
                           joined(order, "technicians", ", "), joined(order, "hosts", ", "),
                           joined(order, "racks", ", ")});
            });
        });
        table.print();
    });
}

Result<command_line::ExitCode> show_order(const Context& context, const Options& options) {
    const auto text = TRY(get(context, "/v1/work-orders?id=" + client::percent_encoded(options.id)));
    JsonReader orders(text, kAnswer);
    std::string newest;
    orders.each("", [&](JsonReader& entry) {
        if (newest.empty()) newest = entry.encoded("");
    });
    TRY_VOID(orders.finish());
    if (newest.empty())
        return fail(ErrorCode::not_found,
                    fmt::format("no order {}; 'assay orders list' shows all", cell(options.id)));
    return show_answer(context, newest, [](JsonReader& entry) {
        entry.object("order", [](JsonReader& order) {
            for (const auto* key :
                 {"id", "state", "issuer", "requester", "from", "to", "created_at", "created_by"})
                fmt::print("{:<12} {}\n", key, cell(order.peek(key)));
            for (const auto* key : {"technicians", "escorts", "hosts", "racks"})
                fmt::print("{:<12} {}\n", key, joined(order, key, ","));
        });
        if (!entry.peek("contradiction").empty())
            fmt::print("CONTRADICTION {}\n", cell(entry.peek("contradiction")));
        Table table({"SINCE", "BY", "CHANGED", "VERSION"});
        entry.each("versions", [&](JsonReader& version) {
            table.add({cell(version.peek("from")), cell(version.peek("by")), joined(version, "changed", ", "),
                       cell(version.peek("sha256")).substr(0, 16)});
        });
        fmt::print("\n");
        table.print();
    });
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
    import->add_option(
        "--export", options->export_number,
        "The export's number, where the ticket system delivers in batches and counts them: each is "
        "one more than the one before");
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
