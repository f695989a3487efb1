#include "cli/inspect/verdict.h"

#include <algorithm>

#include <fmt/core.h>

#include "cli/inspect/file.h"

namespace assay::cli {

using Verdict = InspectVerdict::Verdict;

void InspectVerdict::add(std::string_view id, Verdict effect, std::string text) {
    reasons_.push_back({std::string(id), std::move(text), effect});
}

void InspectVerdict::refuses(std::string_view id, std::string text) {
    add(id, Verdict::invalid, std::move(text));
}

void InspectVerdict::holds(std::string what) {
    checked_.push_back(std::move(what));
}

Verdict InspectVerdict::verdict() const {
    auto least = checked_.empty() ? Verdict::undecided : Verdict::valid;
    for (const auto& reason : reasons_) least = std::min(least, reason.effect);
    return least;
}

bool InspectVerdict::has(std::string_view id) const {
    return std::ranges::any_of(reasons_, [&](const Reason& each) { return each.id == id; });
}

Json InspectVerdict::json() const {
    Json out{{"verdict", to_string(verdict())},
             {"reasons", Json::array()},
             {"checked", checked_},
             {"details", details}};
    for (const auto& reason : reasons_) {
        out["reasons"].push_back(
            {{"id", reason.id}, {"text", reason.text}, {"effect", to_string(reason.effect)}});
    }
    return out;
}

command_line::ExitCode show(const Context& context, const InspectVerdict& answer) {
    if (context.json) {
        print_json(answer.json());
        return command_line::exit_code(answer.verdict());
    }
    fmt::print("verdict: {}\n", to_string(answer.verdict()));
    for (const auto& reason : answer.reasons()) {
        fmt::print("  {} {}: {}\n", reason.effect == Verdict::valid ? "note" : to_string(reason.effect),
                   cell(reason.id), cell(reason.text));
    }
    for (const auto& what : answer.checked()) fmt::print("  holds {}\n", cell(what));
    fmt::print("details:\n");
    print_tree(answer.details, "  ");
    return command_line::exit_code(answer.verdict());
}

}  // namespace assay::cli
