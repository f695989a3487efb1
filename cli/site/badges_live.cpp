#include "cli/site/badges_live.h"

#include <memory>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

namespace assay::cli {
namespace {

Result<command_line::ExitCode> list_feeds(const Context& context) {
    const auto answer = TRY(get(context, "/v1/badges"));
    if (context.json) {
        print_json(answer);
        return command_line::ExitCode::done;
    }
    fmt::print("{:<24} {:<26} {}\n", "FEED", "COMPLETE UP TO", "RECEIVED");
    for (const auto& feed : answer.value("feeds", nlohmann::json::array())) {
        fmt::print("{:<24} {:<26} {}\n", cell(text_of(feed, "source")), cell(text_of(feed, "watermark")),
                   time_of(feed, "received_at"));
    }
    fmt::print("{} rows in all\n", answer.value("rows", std::int64_t{0}));
    return command_line::ExitCode::done;
}

Result<command_line::ExitCode> list_rejected(const Context& context, const std::string& source) {
    const auto rows =
        TRY(get(context, "/v1/badges/rejected" +
                             (source.empty() ? "" : "?source=" + client::percent_encoded(source))));
    if (context.json) {
        print_json(rows);
        return command_line::ExitCode::done;
    }
    fmt::print("{:<20} {:>8}  {:<60} {}\n", "FEED", "LINE", "REASON", "ROW");
    for (const auto& row : rows) {
        fmt::print("{:<20} {:>8}  {:<60} {}\n", cell(text_of(row, "source")),
                   row.value("line", std::int64_t{0}), cell(text_of(row, "reason")),
                   cell(text_of(row, "content")));
    }
    return command_line::ExitCode::done;
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
