#include <algorithm>
#include <filesystem>
#include <memory>

#include <fmt/core.h>

#include "cli/commands/commands.h"
#include "cli/inspect/file.h"
#include "cli/site/accompaniment_case.h"
#include "cli/site/accompaniment_text.h"
#include "cli/table.h"
#include "evidence/base/text.h"
#include "verifier/judge/accompaniment/reading/case.h"
#include "verifier/judge/accompaniment/timeline/timeline.h"
#include "verifier/judge/accompaniment/verdict/verdict_json.h"

namespace assay::cli {
namespace {

struct AccompanimentOptions {
    std::string folder;
    std::string base;
    bool timeline = false;
    std::string host;
    std::string event;
    std::string file;
};

command_line::ExitCode exit_code_of(JsonReader& verdict) {
    const auto is_grave = [](std::string_view of) { return of == "high" || of == "critical"; };
    auto severity = verdict.peek("severity");
    verdict.each("notes", [&](JsonReader& note) {
        if (is_grave(note.peek("severity"))) severity = "high";
    });
    if (is_grave(severity)) return command_line::ExitCode::contraindicated;
    if (verdict.peek("outcome") == "UNDETERMINED") return command_line::ExitCode::none;
    return severity == "info" ? command_line::ExitCode::done : command_line::ExitCode::warning;
}

command_line::ExitCode worst_of(JsonReader& verdicts) {
    auto worst = command_line::ExitCode::done;
    verdicts.each("",
                  [&](JsonReader& verdict) { worst = command_line::graver(worst, exit_code_of(verdict)); });
    return worst;
}

Result<command_line::ExitCode> judge_folder(const Context& context, const AccompanimentOptions& options) {
    const auto asked = TRY(read_accompaniment_case(options.folder, options.base));
    const auto verdicts = accompaniment::judge_all(asked.occurrences, *asked.knowledge, asked.now);
    std::vector<Json> timelines;
    for (std::size_t i = 0; i < verdicts.size() && (options.timeline || !context.json); ++i) {
        timelines.push_back(accompaniment::to_json(
            accompaniment::timeline_of(verdicts[i], asked.occurrences[i], *asked.knowledge, asked.now)));
    }
    const auto text = accompaniment::to_json(verdicts, timelines).dump();
    TRY_VOID(show_answer(context, text, [](JsonReader& answer) {
        answer.each("", [](JsonReader& verdict) { fmt::print("{}\n", decision_text(verdict)); });
    }));
    JsonReader answer(text, kAnswer);
    return worst_of(answer);
}

// "41" of rack-7 is "rack-7/41".
std::string event_id(const AccompanimentOptions& options) {
    const bool number = std::ranges::all_of(options.event, [](char c) { return c >= '0' && c <= '9'; });
    return number ? options.host + "/" + options.event : options.event;
}

Result<command_line::ExitCode> of_host(const Context& context, const AccompanimentOptions& options) {
    auto path = "/v1/hosts/" + client::percent_encoded(options.host) + "/accompaniment";
    if (!options.event.empty()) path += "?event=" + client::percent_encoded(event_id(options));
    const auto text = TRY(get(context, path));
    JsonReader verdicts(text, kAnswer);
    const auto worst = worst_of(verdicts);
    TRY_VOID(verdicts.finish());
    if (context.json) {
        TRY_VOID(print_answer(text));
        return worst;
    }
    if (verdicts.size() == 0) {
        fmt::print(
            "No device event of {}{} is judged. They come with its evidence; `assay people list` shows "
            "whether there is "
            "a directory to judge by.\n",
            cell(options.host), options.event.empty() ? "" : " with this number");
        return command_line::ExitCode::done;
    }
    if (options.event.empty()) {
        Table table({"EVENT", "TIME", "VERDICT", "SEVERITY", "ORDER", "TECHNICIAN", "ESCORT"});
        verdicts.each("", [&](JsonReader& verdict) {
            const auto reason = verdict.peek("reason");
            table.add({cell(verdict.peek("event")), cell(verdict.peek("from")),
                       cell(std::string(verdict.peek("outcome")) +
                            (reason.empty() ? "" : fmt::format("({})", reason))),
                       cell(verdict.peek("severity")), cell(verdict.peek("order")),
                       cell(verdict.peek("technician")), cell(verdict.peek("escort"))});
        });
        table.print();
        return worst;
    }
    // The newest last, and what it was before: a verdict that changed is itself shown.
    std::string before, newest;
    auto code = worst;
    verdicts.each("", [&](JsonReader& verdict) {
        const auto now = fmt::format("{} {}", verdict.peek("outcome"), verdict.peek("severity"));
        fmt::print("Version {} of {}{}\n", number_of(verdict, "version"), cell(verdict.peek("judged_at")),
                   before.empty() ? "" : ": changed from " + cell(before));
        before = now;
        newest = decision_text(verdict);
        code = exit_code_of(verdict);
    });
    fmt::print("{}", newest);
    return code;
}

Result<command_line::ExitCode> save_case(const Context& context, const AccompanimentOptions& options) {
    const auto files =
        TRY(get(context, "/v1/hosts/" + client::percent_encoded(options.host) + "/accompaniment/case"));
    std::error_code failed;
    std::filesystem::create_directories(options.folder, failed);
    JsonReader all(files, kAnswer);
    all.members("", [&](const std::string& name, JsonReader& content) {
        const auto text = indented_json(content.encoded(""), 1) + "\n";
        const auto written =
            name.find('/') != std::string::npos
                ? fail(ErrorCode::malformed, "the verifier sent a file name with a slash")
                : write_output((std::filesystem::path(options.folder) / name).string(), as_view(text));
        if (!written) all.refuse("", written.error());
    });
    TRY_VOID(all.finish());
    if (!context.json)
        fmt::print("Judge it again, offline: assay accompaniment judge {}\n", cell(options.folder));
    return command_line::ExitCode::done;
}

Result<command_line::ExitCode> policy(const Context& context, const AccompanimentOptions& options) {
    constexpr auto* kPath = "/v1/accompaniment/policy";
    if (options.file.empty()) {
        TRY_VOID(print_answer(TRY(get(context, kPath))));
        return command_line::ExitCode::done;
    }
    constexpr std::size_t kFile = 16U << 20U;
    const auto bytes = TRY(read_file(options.file, kFile));
    TRY_VOID(with_context(accompaniment::read_policy(as_text(bytes), accompaniment::Source::import),
                          printable(options.file)));
    TRY_VOID(print_answer(TRY(post(context, kPath, indented_json(as_text(bytes), -1)))));
    return command_line::ExitCode::done;
}

}  // namespace

void add_accompaniment(command_line::Command& app, Context& context) {
    const auto options = std::make_shared<AccompanimentOptions>();
    auto* accompaniment = command_line::add_command(
        app, "accompaniment",
        "Who was there when a device was plugged in, and may they: the verdicts and their reasons",
        "assay accompaniment rack-7\n"
        "assay accompaniment rack-7 --event 41   # A1 to A6, a timeline, and what it was before",
        [&context, options]() -> Result<command_line::ExitCode> {
            if (options->host.empty())
                return fail(ErrorCode::usage,
                            "expected a host, or one of save, policy, judge, got neither; say assay "
                            "accompaniment HOST");
            return of_host(context, *options);
        });
    accompaniment->add_option("HOST", options->host, "The host");
    accompaniment->add_option("--event", options->event, "The journal record's number, or the event's id");
    auto* save = command_line::add_command(
        *accompaniment, "save",
        "Save everything that a host's verdicts stand on, to judge it again elsewhere",
        "assay accompaniment save rack-7 case/  # then: assay accompaniment judge case/",
        [&context, options] { return save_case(context, *options); });
    save->add_option("HOST", options->host, "The host")->required();
    save->add_option("FOLDER", options->folder, "Where the files go")->required()->type_name("DIR");
    auto* rules = command_line::add_command(
        *accompaniment, "policy", "Show the rules of accompaniment, or give the verifier new ones",
        "assay accompaniment policy --import rules.json  # docs/formats/accompaniment-case.md, policy.json",
        [&context, options] { return policy(context, *options); });
    rules->add_option("--import", options->file, "The new rules")->type_name("FILE");
    auto* judge = command_line::add_command(
        *accompaniment, "judge", "Judge a folder of files, offline: docs/formats/accompaniment-case.md",
        "assay accompaniment judge case/                 # the decision as a table and a timeline\n"
        "assay accompaniment judge case/ --base common/  # files that case/ lacks are taken from common/\n"
        "assay accompaniment judge case/ --json",
        [&context, options] { return judge_folder(context, *options); });
    judge
        ->add_option("FOLDER", options->folder,
                     "With events.json, orders.json, badges.json, sessions.json, directory.json, "
                     "policy.json, now.json")
        ->required()
        ->type_name("FOLDER");
    judge->add_option("--base", options->base, "Where files are taken from that FOLDER lacks")
        ->type_name("FOLDER");
    judge->add_flag("--timeline", options->timeline, "With --json: the stretches of the picture too");
}

}  // namespace assay::cli
