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
    std::string adopt_site;
    bool dry_run = false;
};

Result<command_line::ExitCode> adopt(const Context& context, const LabelOptions& options) {
    const auto text = TRY(
        post(context, "/v1/labels/adopt", Json{{"site", options.adopt_site}, {"dry_run", options.dry_run}}));
    return show_answer(context, text, [&](JsonReader& answer) {
        answer.each("hosts", [&](JsonReader& row) {
            const auto before = row.peek("before");
            fmt::print("{}: site={}{}\n", cell(row.peek("host")), printable(options.adopt_site),
                       before.empty() ? "" : ", was " + cell(before));
        });
        fmt::print("{}", options.dry_run ? "Nothing was changed: --dry-run.\n" : "");
    });
}

Result<command_line::ExitCode> run(const Context& context, const LabelOptions& options) {
    if (!options.adopt_site.empty()) {
        if (!options.host.empty() || options.none)
            return fail(ErrorCode::usage,
                        "--adopt-site is for all hosts of a site; give it without HOST and LABEL");
        return adopt(context, options);
    }
    if (options.host.empty())
        return fail(ErrorCode::usage,
                    "HOST: expected an enrolled host, or --adopt-site, got neither; name one");
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
        "assay hosts label rack-7 --none\n"
        "assay hosts label --adopt-site fra1 --dry-run",
        [&context, options] { return run(context, *options); });
    command->add_option("HOST", options->host, "An enrolled host");
    command->add_option("LABEL", options->labels, "All labels that the host has from now on")
        ->type_name("NAME=VALUE");
    command->add_flag("--none", options->none, "Take all labels away");
    command->add_option("--adopt-site", options->adopt_site,
                        "Make the label site of all hosts that purchase lists place there");
    command->add_flag("--dry-run", options->dry_run, "With --adopt-site: only show which");
}

}  // namespace assay::cli
