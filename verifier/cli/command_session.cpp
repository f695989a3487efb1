#include <memory>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "verifier/cli/commands.h"

namespace assay::cli {
namespace {

struct Options {
    std::string host;
    std::string order;
    std::string technician;
    std::string escort;
    std::string id;
    bool open_only = false;
};

void print_session(const nlohmann::json& session) {
    const bool open = !session.contains("closed_at") || session["closed_at"].is_null();
    fmt::print("{:<24} {:<24} {:<14} {:<16} {:<16} {:<21} {}\n", cell(text_of(session, "id")),
               cell(text_of(session, "host")), cell(text_of(session, "order")),
               cell(text_of(session, "technician")), cell(text_of(session, "escort")),
               time_of(session, "opened_at"), open ? "open" : time_of(session, "closed_at"));
}

Result<ExitCode> show(const Context& context, const nlohmann::json& answer) {
    if (context.json)
        print_json(answer);
    else
        print_session(answer);
    return ExitCode::done;
}

Result<ExitCode> open_session(const Context& context, const Options& options) {
    return show(context, TRY(post(context, "/v1/sessions",
                                  {{"host", options.host},
                                   {"order", options.order},
                                   {"technician", options.technician},
                                   {"escort", options.escort}})));
}

Result<ExitCode> close_session(const Context& context, const Options& options) {
    return show(context, TRY(post(context, "/v1/sessions/" + percent_encoded(options.id) + "/close",
                                  nlohmann::json::object())));
}

Result<ExitCode> list_sessions(const Context& context, const Options& options) {
    std::string path = "/v1/sessions?";
    if (!options.host.empty()) path += "host=" + percent_encoded(options.host) + "&";
    if (options.open_only) path += "open=true&";
    path.pop_back();
    const auto sessions = TRY(get(context, path));
    if (context.json) {
        print_json(sessions);
        return ExitCode::done;
    }
    fmt::print("{:<24} {:<24} {:<14} {:<16} {:<16} {:<21} {}\n", "SESSION", "HOST", "ORDER", "TECHNICIAN",
               "ESCORT", "OPENED", "CLOSED");
    for (const auto& session : sessions) print_session(session);
    return ExitCode::done;
}

}  // namespace

void add_session(CLI::App& app, Context& context) {
    auto* session = app.add_subcommand(
        "session", "Work sessions: who is at which host, for which order, accompanied by whom");
    session->require_subcommand(1);
    const auto options = std::make_shared<Options>();
    auto* open = command_line::add_command(
        *session, "open", "Open a session before somebody touches the host",
        "assay session open --host rack-7 --order WO-1017 --technician t.lee --escort m.roy",
        [&context, options] { return open_session(context, *options); });
    open->add_option("--host", options->host, "The host")->required();
    open->add_option("--order", options->order, "The work order's number")->required();
    open->add_option("--technician", options->technician, "Who does the work")->required();
    open->add_option("--escort", options->escort, "Who accompanies, another person")->required();
    auto* close = command_line::add_command(*session, "close", "Close a session", "assay session close S-12",
                                            [&context, options] { return close_session(context, *options); });
    close->add_option("SESSION", options->id, "The session's id")->required();
    auto* list = command_line::add_command(*session, "list", "List sessions", "assay session list --open",
                                           [&context, options] { return list_sessions(context, *options); });
    list->add_option("--host", options->host, "Only of this host");
    list->add_flag("--open", options->open_only, "Only open ones");
}

}  // namespace assay::cli
