#include "cli/hosts/label.h"

#include <memory>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "evidence/base/text.h"

namespace assay::cli {
namespace {

struct LabelOptions {
    std::string host;
    std::vector<std::string> labels;
    bool none = false;
};

Result<command_line::ExitCode> run(const Context& context, const LabelOptions& options) {
    if (options.none && !options.labels.empty())
        return fail(ErrorCode::usage, "--none takes all labels away; give it alone, or give labels");
    const auto path = "/v1/hosts/" + client::percent_encoded(options.host) + "/labels";
    const bool shows = options.labels.empty() && !options.none;
    nlohmann::json wanted;
    if (!shows) wanted["labels"] = TRY(labels_from(options.labels));
    const auto answer = shows ? TRY(get(context, path)) : TRY(post(context, path, wanted));
    if (context.json) {
        print_json(answer);
        return command_line::ExitCode::done;
    }
    const auto by = text_of(answer, "set_by");
    fmt::print("{}: {}{}\njudged under the policy {}\n", cell(text_of(answer, "host")),
               judge::to_text(answer.at("labels").get<judge::Labels>()),
               by.empty() ? "" : fmt::format(" (set by {} at {})", cell(by), time_of(answer, "set_at")),
               cell(text_of(answer, "policy")));
    return command_line::ExitCode::done;
}

}  // namespace

Result<judge::Labels> labels_from(const std::vector<std::string>& texts) {
    judge::Labels out;
    for (const auto& text : texts) {
        const auto equals = text.find('=');
        const auto name = text.substr(0, equals);
        if (equals == std::string::npos || equals + 1 == text.size() || !judge::is_label_name(name))
            return fail(
                ErrorCode::usage,
                fmt::format("'{}': a label is written as role=database; its name has a-z, 0-9, _ and -",
                            printable(text)));
        if (!out.emplace(name, text.substr(equals + 1)).second)
            return fail(ErrorCode::usage, fmt::format("the label '{}' is given twice; give it once", name));
    }
    return out;
}

void add_hosts_label(command_line::Command& hosts, Context& context) {
    const auto options = std::make_shared<LabelOptions>();
    auto* command = command_line::add_command(
        hosts, "label", "Show the labels of a host, or set all of them anew: they choose the policy for it",
        "assay hosts label rack-7\n"
        "assay hosts label rack-7 role=database site=fra1\n"
        "assay hosts label rack-7 --none",
        [&context, options] { return run(context, *options); });
    command->add_option("HOST", options->host, "An enrolled host")->required();
    command->add_option("LABEL", options->labels, "All labels that the host has from now on")
        ->type_name("NAME=VALUE");
    command->add_flag("--none", options->none, "Take all labels away");
}

}  // namespace assay::cli
