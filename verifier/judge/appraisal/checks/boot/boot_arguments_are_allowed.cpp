#include <algorithm>

#include <fmt/core.h>

#include "evidence/eventlog/replay/boot_arguments.h"
#include "evidence/wire/section/section_names.h"
#include "verifier/judge/appraisal/facts/boot/event_place.h"
#include "verifier/judge/appraisal/steps/examined.h"

namespace assay::judge {
namespace {

// The kernel reads '-' and '_' in a name as the same, so both are written with '_'.
std::string normalised(std::string_view argument) {
    const auto tokens = tcg::boot_argument_tokens(argument);
    return tokens.empty() ? std::string() : tokens.front();
}

// "init=" is any value of init, "ima=off" that one, "single" the word with or without a value.
bool is_forbidden(const std::string& token, const std::string& forbidden) {
    if (forbidden.ends_with('=')) return token.starts_with(forbidden);
    return token == forbidden ||
           (forbidden.find('=') == std::string::npos && token.starts_with(forbidden + "="));
}

class Arguments {
  public:
    Arguments(const Examined& examined, const BootArgumentsPolicy& table, Judge& judge)
        : logs_(examined.logs), table_(table), judge_(judge) {
        const auto& kernel = examined.claims.kernel;
        found_ = tcg::boot_arguments(
            *logs_.boot, kernel ? std::optional<std::string_view>(kernel->command_line) : std::nullopt);
    }

    void judge() {
        judge_.covered(logs_.basis, found_.lines.size(),
                       fmt::format("{} measured command lines", found_.lines.size()));
        if (found_.lines.empty()) unknown("a command line under PCR 8, 9 or 12, verified", "none", {});
        for (const auto event : found_.uncovered)
            unknown("data under its digest, in each event", "data that may hide a command line", event);
        for (const auto& line : found_.lines) {
            const auto tokens = tcg::boot_argument_tokens(line.text);
            for (const auto& token : tokens) judge_token(line, token);
            if (!line.of_module) judge_required(line, tokens);
        }
        const bool only_modules = std::ranges::all_of(found_.lines, &tcg::BootArguments::of_module);
        if (!found_.lines.empty() && only_modules && !table_.required.empty())
            unknown("a kernel's command line", "those of modules alone", found_.lines.front().event);
    }

  private:
    void unknown(std::string expected, std::string actual, std::optional<std::uint32_t> event) {
        judge_
            .about(logs_.basis, "kernel command line",
                   event ? event_place(logs_.boot->log(), *event) : std::string(section::kBootEventLog))
            .report(findings::boot_arguments_unknown, Tier::none, std::move(expected), std::move(actual));
    }
    [[nodiscard]] About about(const tcg::BootArguments& line) {
        return judge_.about(logs_.basis, fmt::format("kernel command line ({})", tcg::to_string(line.source)),
                            event_place(logs_.boot->log(), line.event));
    }
    void judge_token(const tcg::BootArguments& line, const std::string& token) {
        for (const auto& forbidden : table_.forbidden) {
            if (is_forbidden(token, normalised(forbidden)))
                about(line).report(findings::boot_argument_forbidden, Tier::contraindicated,
                                   "no " + forbidden, shown(token));
        }
    }
    void judge_required(const tcg::BootArguments& line, const std::vector<std::string>& tokens) {
        for (const auto& required : table_.required) {
            if (std::ranges::find(tokens, normalised(required)) == tokens.end())
                about(line).report(findings::boot_argument_missing, Tier::contraindicated, required,
                                   "not there: " + shown(line.text));
        }
    }

    const ReplayedLogs& logs_;
    const BootArgumentsPolicy& table_;
    tcg::MeasuredBootArguments found_;
    Judge& judge_;
};

void judge_boot_arguments(const Examined& examined, Judge& judge) {
    const auto& table = examined.inputs.policy.boot.boot_arguments;
    if (!table) return judge.no_answer(NoAnswer::not_asked, "the policy has no table [boot_arguments]");
    judge.require();
    if (!examined.logs.boot) return judge.report_absent(examined, section::kBootEventLog);
    Arguments(examined, *table, judge).judge();
}

}  // namespace

const Check checks::boot_arguments_are_allowed{
    .claim = TrustClaim::configuration, .required = false, .judge = judge_boot_arguments};

}  // namespace assay::judge
