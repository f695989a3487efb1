#include "cli/site/badges_live.h"

#include <memory>

#include <fmt/core.h>

#include "cli/table.h"

namespace assay::cli {
namespace {

Result<command_line::ExitCode> list_feeds(const Context& context) {
    return show_answer(context, TRY(get(context, "/v1/badges")), [](JsonReader& answer) {
        Table table({"FEED", "COMPLETE UP TO", "RECEIVED"});
        answer.each("feeds", [&](JsonReader& feed) {
            table.add(
                {cell(feed.peek("source")), cell(feed.peek("watermark")), time_of(feed, "received_at")});
        });
        table.print();
        fmt::print("{} rows in all\n", number_of(answer, "rows"));
    });
}

Result<command_line::ExitCode> list_rejected(const Context& context, const std::string& source) {
    const auto path =
        "/v1/badges/rejected" + (source.empty() ? "" : "?source=" + client::percent_encoded(source));
    return show_answer(context, TRY(get(context, path)), [](JsonReader& rows) {
        Table table({"FEED", "LINE", "REASON", "ROW"});
        rows.each("", [&](JsonReader& row) {
            table.add({cell(row.peek("source")), std::to_string(number_of(row, "line")),
                       cell(row.peek("reason")), cell(row.peek("content"))});
        });
        table.print();
    });
}

}  // namespace

void add_badges_live(command_line::Command& badges, Context& context) {
    const auto source = std::make_shared<std::string>();
    command_line::add_command(badges, "list", "List the badge feeds: up to when each is complete",
                              "assay badges list", [&context] { return list_feeds(context); });
    auto* rejected =
        command_line::add_command(badges, "rejected", "Rows that could not be read, each with its reason",
                                  "assay badges rejected --source onguard",
                                  [&context, source] { return list_rejected(context, *source); });
    rejected->add_option("--source", *source, "Only of this feed");
}

}  // namespace assay::cli
