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

void InspectVerdict::leaves_open(std::string_view id, std::string text) {
    add(id, Verdict::undecided, std::move(text));
}

void InspectVerdict::notes(std::string_view id, std::string text) {
    add(id, Verdict::valid, std::move(text));
}

void InspectVerdict::holds(std::string what) {
    checked_.push_back(std::move(what));
}

Verdict InspectVerdict::verdict() const {
    const auto any = [&](Verdict effect) {
        return std::ranges::any_of(reasons_, [&](const Reason& each) { return each.effect == effect; });
    };
    if (any(Verdict::invalid)) return Verdict::invalid;
    return any(Verdict::undecided) || checked_.empty() ? Verdict::undecided : Verdict::valid;
}

bool InspectVerdict::has(std::string_view id) const {
    return std::ranges::any_of(reasons_, [&](const Reason& each) { return each.id == id; });
}

nlohmann::json InspectVerdict::json() const {
    nlohmann::json out{{"verdict", to_string(verdict())},
                       {"reasons", nlohmann::json::array()},
                       {"checked", checked_},
                       {"details", details}};
    for (const auto& reason : reasons_) {
        out["reasons"].push_back(
            {{"id", reason.id}, {"text", reason.text}, {"effect", to_string(reason.effect)}});
    }
    return out;
}

std::string_view to_string(Verdict verdict) {
    switch (verdict) {
        case Verdict::valid:
            return "valid";
        case Verdict::invalid:
            return "invalid";
        case Verdict::undecided:
            return "undecided";
    }
    return "undecided";
}

ExitCode exit_code(Verdict verdict) {
    switch (verdict) {
        case Verdict::valid:
            return ExitCode::done;
        case Verdict::invalid:
            return ExitCode::contraindicated;
        case Verdict::undecided:
            return ExitCode::none;
    }
    return ExitCode::none;
}

ExitCode show(const Context& context, const InspectVerdict& answer) {
    const auto all = answer.json();
    if (context.json) {
        print_json(all);
        return exit_code(answer.verdict());
    }
    fmt::print("verdict: {}\n", to_string(answer.verdict()));
    for (const auto& reason : answer.reasons()) {
        fmt::print("  {} {}: {}\n", reason.effect == Verdict::valid ? "note" : to_string(reason.effect),
                   cell(reason.id), cell(reason.text));
    }
    for (const auto& what : all.at("checked")) {
        fmt::print("  holds {}\n", cell(what.get_ref<const std::string&>()));
    }
    fmt::print("details:\n");
    print_tree(answer.details, "  ");
    return exit_code(answer.verdict());
}

}  // namespace assay::cli
