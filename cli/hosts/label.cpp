#include "cli/hosts/label.h"

#include <memory>

#include <fmt/core.h>

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
    const auto labels = TRY(labels_from(options.labels));
    const auto text = shows ? TRY(get(context, path)) : TRY(post(context, path, Json{{"labels", labels}}));
    return show_answer(context, text, [](JsonReader& answer) {
        judge::Labels held;
        answer.members("labels",
                       [&](const std::string& name, JsonReader& value) { held[name] = value.text(""); });
        const auto by = answer.peek("set_by");
        fmt::print("{}: {}{}\njudged under the policy {}\n", cell(answer.peek("host")), judge::to_text(held),
                   by.empty() ? "" : fmt::format(" (set by {} at {})", cell(by), time_of(answer, "set_at")),
                   cell(answer.peek("policy")));
    });
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
