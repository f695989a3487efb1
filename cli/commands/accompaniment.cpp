#include <algorithm>
#include <filesystem>
#include <memory>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "cli/commands/commands.h"
#include "cli/inspect/file.h"
#include "cli/site/accompaniment_case.h"
#include "cli/site/accompaniment_text.h"
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

command_line::ExitCode exit_code_of(const nlohmann::json& verdicts) {
    auto worst = command_line::ExitCode::done;
    for (const auto& verdict : verdicts) {
        auto severity = text_of(verdict, "severity");
        const auto is_grave = [](const std::string& of) { return of == "high" || of == "critical"; };
        for (const auto& note : verdict["notes"]) {
            if (is_grave(text_of(note, "severity"))) severity = "high";
        }
        if (is_grave(severity)) return command_line::ExitCode::contraindicated;
        if (text_of(verdict, "outcome") == "UNDETERMINED")
            worst = command_line::ExitCode::none;
        else if (severity != "info" && worst == command_line::ExitCode::done)
            worst = command_line::ExitCode::warning;
    }
    return worst;
}

Result<command_line::ExitCode> judge_folder(const Context& context, const AccompanimentOptions& options) {
    const auto asked = read_accompaniment_case(options.folder, options.base);
    if (!asked) return not_processed(context, asked.error());
    const auto verdicts = accompaniment::judge_all(asked->occurrences, *asked->knowledge, asked->now);
    auto answer = accompaniment::to_json(verdicts);
    if (options.timeline || !context.json) {
        for (std::size_t i = 0; i < verdicts.size(); ++i) {
            answer[i]["timeline"] = accompaniment::to_json(accompaniment::timeline_of(
                verdicts[i], asked->occurrences[i], *asked->knowledge, asked->now));
        }
    }
    if (context.json) {
        print_json(answer);
    } else {
        for (const auto& verdict : answer) fmt::print("{}\n", decision_text(verdict));
    }
    return exit_code_of(answer);
}

// "41" of rack-7 is "rack-7/41".
std::string event_id(const AccompanimentOptions& options) {
    const bool number = std::ranges::all_of(options.event, [](char c) { return c >= '0' && c <= '9'; });
    return number ? options.host + "/" + options.event : options.event;
}

Result<command_line::ExitCode> of_host(const Context& context, const AccompanimentOptions& options) {
    auto path = "/v1/hosts/" + client::percent_encoded(options.host) + "/accompaniment";
    if (!options.event.empty()) path += "?event=" + client::percent_encoded(event_id(options));
    auto verdicts = TRY(get(context, path));
    if (context.json) {
        print_json(verdicts);
        return exit_code_of(verdicts);
    }
    if (verdicts.empty()) {
        fmt::print(
            "No device event of {}{} is judged. They come with its evidence; `assay people list` shows "
            "whether there is "
            "a directory to judge by.\n",
            cell(options.host), options.event.empty() ? "" : " with this number");
        return command_line::ExitCode::done;
    }
    if (options.event.empty()) {
        fmt::print("{:<24} {:<22} {:<38} {:<10} {:<14} {:<14} {}\n", "EVENT", "TIME", "VERDICT", "SEVERITY",
                   "ORDER", "TECHNICIAN", "ESCORT");
        for (const auto& verdict : verdicts) {
            const auto reason = text_of(verdict, "reason");
            fmt::print("{:<24} {:<22} {:<38} {:<10} {:<14} {:<14} {}\n", cell(text_of(verdict, "event")),
                       cell(text_of(verdict, "from")),
                       cell(text_of(verdict, "outcome") + (reason.empty() ? "" : "(" + reason + ")")),
                       cell(text_of(verdict, "severity")), cell(text_of(verdict, "order")),
                       cell(text_of(verdict, "technician")), cell(text_of(verdict, "escort")));
        }
        return exit_code_of(verdicts);
    }
    // The newest last, and what it was before: a verdict that changed is itself shown.
    std::string before;
    for (const auto& verdict : verdicts) {
        const auto now = text_of(verdict, "outcome") + " " + text_of(verdict, "severity");
        fmt::print("Version {} of {}{}\n", verdict.value("version", 0), cell(text_of(verdict, "judged_at")),
                   before.empty() ? "" : ": changed from " + cell(before));
        before = now;
    }
    fmt::print("{}", decision_text(verdicts.back()));
    return exit_code_of(nlohmann::json::array({verdicts.back()}));
}

Result<command_line::ExitCode> save_case(const Context& context, const AccompanimentOptions& options) {
    const auto files =
        TRY(get(context, "/v1/hosts/" + client::percent_encoded(options.host) + "/accompaniment/case"));
    std::error_code failed;
    std::filesystem::create_directories(options.folder, failed);
    for (const auto& [name, content] : files.items()) {
        if (name.find('/') != std::string::npos)
            return fail(ErrorCode::malformed, "the verifier sent a file name with a slash");
        const auto text = content.dump(1) + "\n";
        TRY_VOID(write_file((std::filesystem::path(options.folder) / name).string(), as_view(text)));
    }
    if (!context.json)
        fmt::print("Judge it again, offline: assay accompaniment judge {}\n", cell(options.folder));
    return command_line::ExitCode::done;
}

Result<command_line::ExitCode> policy(const Context& context, const AccompanimentOptions& options) {
    if (options.file.empty()) {
        print_json(TRY(get(context, "/v1/accompaniment/policy")));
        return command_line::ExitCode::done;
    }
    constexpr std::size_t kFile = 16U << 20U;
    const auto bytes = TRY(read_file(options.file, kFile));
    TRY_VOID(with_context(accompaniment::read_policy(as_text(bytes)), printable(options.file)));
    print_json(TRY(post(context, "/v1/accompaniment/policy", TRY(parse_answer(as_text(bytes))))));
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
