#include <memory>

#include <fmt/core.h>

#include "cli/commands/commands.h"
#include "verifier/judge/appraisal/checks/findings.h"

namespace assay::cli {
namespace {

Json explain_json(const judge::FindingKind& kind) {
    return {{"id", kind.id},
            {"claim", to_string(kind.claim)},
            {"sentence", kind.sentence},
            {"explanation", kind.explanation},
            {"remedy", kind.remedy}};
}

Result<command_line::ExitCode> explain_all(const Context& context) {
    if (context.json) {
        auto all = Json::array();
        for (const auto* kind : judge::finding_kinds()) all.push_back(explain_json(*kind));
        print_json(all);
        return command_line::ExitCode::done;
    }
    for (const auto* kind : judge::finding_kinds()) fmt::print("{:<32} {}\n", kind->id, kind->sentence);
    return command_line::ExitCode::done;
}

Result<command_line::ExitCode> explain(const Context& context, const std::string& id) {
    if (id.empty()) return explain_all(context);
    const auto* kind = judge::find_finding(id);
    if (kind == nullptr) {
        return fail(ErrorCode::usage,
                    fmt::format("no finding has the id '{}': `assay explain` lists them all", cell(id)));
    }
    if (context.json) {
        print_json(explain_json(*kind));
    } else {
        fmt::print("{}\n\n{}\n\nWhy it matters\n{}\n\nWhat to do\n{}\n\nIt bears on the AR4SI claim {}.\n",
                   kind->id, kind->sentence, kind->explanation, kind->remedy, to_string(kind->claim));
    }
    return command_line::ExitCode::done;
}

}  // namespace

void add_explain(command_line::Command& app, Context& context) {
    const auto id = std::make_shared<std::string>();
    auto* command =
        command_line::add_command(app, "explain", "Say what a finding means, why it matters and what to do",
                                  "assay explain usb.unaccompanied\nassay explain  # every finding there is",
                                  [&context, id] { return explain(context, *id); });
    command->add_option("FINDING-ID", *id, "As in the finding: usb.unaccompanied");
}

}  // namespace assay::cli
