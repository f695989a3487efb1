#include "client/command_line/result_text.h"

#include <algorithm>
#include <map>

#include <fmt/core.h>

#include "evidence/base/stable_sort.h"
#include "evidence/base/text.h"

namespace assay::command_line {
namespace {

std::string painted(std::string_view text, Tier tier, bool colours) {
    return colours ? fmt::format("{}{}\x1b[0m", colour_of(tier), text) : std::string(text);
}

std::string line(std::string_view label, std::string_view value) {
    return value.empty() ? std::string() : fmt::format("      {:<9} {}\n", label, kept_printable(value));
}

// With these a check without an answer begins its summary: verifier/judge/appraisal/checks/check.h.
constexpr std::string_view kWhyNone[] = {"not asked", "does not apply", "cannot tell"};

std::string claims_line(const AttestationResult& result, bool colours) {
    std::string out;
    for (const auto& [claim, tier] : result.claims) {
        out += fmt::format("  {:<18} {}\n", to_string(claim), painted(tier_words(tier), tier, colours));
    }
    return out;
}

std::string heading(const Finding& finding, bool colours) {
    return fmt::format("  {} {}: {}\n",
                       painted(fmt::format("[{}]", tier_words(finding.tier)), finding.tier, colours),
                       kept_printable(finding.id), kept_printable(finding.subject));
}

std::string first_line(const AttestationResult& result, bool colours) {
    const bool says_more = verdict_words(result.tier) != "CANNOT TELL";
    return fmt::format("{}: {}{}\nappraised {} by {}, result {}\n\n", kept_printable(result.host),
                       painted(verdict_words(result.tier), result.tier, colours),
                       says_more ? fmt::format(" ({})", to_string(result.tier)) : "",
                       utc_text(result.appraised_at), kept_printable(result.appraiser),
                       attestation_result_id(result).substr(0, 16));
}

std::string checks_counted(const AttestationResult& result) {
    std::map<std::string_view, std::size_t> counts;
    for (const auto& check : result.checks) ++counts[tier_words(check)];
    std::string out;
    for (const auto& [words, count] : counts)
        out += fmt::format("{}{} {}", out.empty() ? "" : ", ", count, words);
    return fmt::format("Checks: {}{}\n", result.checks.size(), out.empty() ? "" : " (" + out + ")");
}

}  // namespace

std::string_view tier_words(Tier tier) {
    return tier == Tier::none ? "cannot tell" : to_string(tier);
}

std::string_view tier_words(const CheckOutcome& check) {
    if (check.tier != Tier::none) return to_string(check.tier);
    for (const auto why : kWhyNone) {
        if (check.summary.starts_with(why)) return why;
    }
    return tier_words(check.tier);
}

std::string_view summary_words(const CheckOutcome& check) {
    std::string_view summary = check.summary;
    const auto why = tier_words(check);
    if (check.tier == Tier::none && summary.starts_with(why) && summary.substr(why.size()).starts_with(": "))
        summary.remove_prefix(why.size() + 2);
    return summary;
}

std::string_view colour_of(Tier tier) {
    switch (tier) {
        case Tier::affirming:
            return "\x1b[32m";
        case Tier::warning:
            return "\x1b[33m";
        case Tier::contraindicated:
            return "\x1b[31m";
        case Tier::none:
            return "\x1b[35m";
    }
    return "";
}

std::string_view verdict_words(Tier tier) {
    switch (tier) {
        case Tier::affirming:
            return "GO";
        case Tier::warning:
            return "GO, with warnings";
        case Tier::contraindicated:
            return "NO GO";
        case Tier::none:
            return "CANNOT TELL";
    }
    return "CANNOT TELL";
}

std::vector<Finding> by_severity(std::vector<Finding> findings) {
    sort_stably(findings, [](const Finding& a, const Finding& b) {
        return a.tier != b.tier && worst(a.tier, b.tier) == a.tier;
    });
    return findings;
}

std::string finding_text(const Finding& finding, bool colours) {
    auto out = heading(finding, colours);
    out += line("expected", finding.expected);
    out += line("found", finding.actual);
    out += line("where", finding.evidence);
    out += line("basis", to_string(finding.basis));
    out += line("next", finding.remedy);
    return out;
}

std::string result_text(const AttestationResult& result, bool colours) {
    return first_line(result, colours) + conclusion_text(result, colours);
}

std::string conclusion_text(const AttestationResult& result, bool colours) {
    std::string out;
    if (result.policy_choice)
        out += fmt::format("Policy chosen by {}\n\n", kept_printable(*result.policy_choice));
    out += result.findings.empty() ? "No findings.\n" : fmt::format("Findings: {}\n", result.findings.size());
    for (const auto& finding : by_severity(result.findings)) out += finding_text(finding, colours);
    out += "\nClaims\n" + claims_line(result, colours) + "\nChecks\n";
    for (const auto& check : result.checks) {
        const auto tier = painted(fmt::format("{:<15}", tier_words(check)), check.tier, colours);
        out += fmt::format("  {} {:<44} {}\n", tier, kept_printable(check.check),
                           kept_printable(summary_words(check)));
    }
    return out;
}

std::string brief_result_text(const AttestationResult& result, bool colours) {
    std::string out = first_line(result, colours);
    std::size_t affirming = 0;
    for (const auto& finding : by_severity(result.findings)) {
        if (finding.tier == Tier::affirming) {
            ++affirming;
            continue;
        }
        out += heading(finding, colours) + line("found", finding.actual) + line("next", finding.remedy);
    }
    if (affirming == result.findings.size()) out += "No findings against it.\n";
    if (affirming != 0) out += fmt::format("Findings that change nothing: {}\n", affirming);
    return out + checks_counted(result);
}

}  // namespace assay::command_line
