#include "client/command_line/result_text.h"

#include <algorithm>

#include <fmt/core.h>

#include "evidence/base/stable_sort.h"
#include "evidence/base/text.h"

namespace assay::command_line {
namespace {

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

std::string painted(std::string_view text, Tier tier, bool colours) {
    return colours ? fmt::format("{}{}\x1b[0m", colour_of(tier), text) : std::string(text);
}

std::string line(std::string_view label, std::string_view value) {
    return value.empty() ? std::string() : fmt::format("      {:<9} {}\n", label, kept_printable(value));
}

std::string claims_line(const AttestationResult& result, bool colours) {
    std::string out;
    for (const auto& [claim, tier] : result.claims) {
        out += fmt::format("  {:<18} {}\n", to_string(claim), painted(to_string(tier), tier, colours));
    }
    return out;
}

}  // namespace

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
    std::string out = fmt::format(
        "  {} {}: {}\n", painted(fmt::format("[{}]", to_string(finding.tier)), finding.tier, colours),
        kept_printable(finding.id), kept_printable(finding.subject));
    out += line("expected", finding.expected);
    out += line("found", finding.actual);
    out += line("where", finding.evidence);
    out += line("basis", to_string(finding.basis));
    out += line("next", finding.remedy);
    return out;
}

std::string result_text(const AttestationResult& result, bool colours) {
    return fmt::format("{}: {} ({})\nappraised {} by {}, result {}\n\n{}", kept_printable(result.host),
                       painted(verdict_words(result.tier), result.tier, colours), to_string(result.tier),
                       utc_text(result.appraised_at), kept_printable(result.appraiser),
                       attestation_result_id(result).substr(0, 16), conclusion_text(result, colours));
}

std::string conclusion_text(const AttestationResult& result, bool colours) {
    std::string out;
    if (result.policy_choice)
        out += fmt::format("Policy chosen by {}\n\n", kept_printable(*result.policy_choice));
    out += "Claims\n" + claims_line(result, colours) + "\nChecks\n";
    for (const auto& check : result.checks) {
        const auto tier = painted(fmt::format("{:<15}", to_string(check.tier)), check.tier, colours);
        out +=
            fmt::format("  {} {:<44} {}\n", tier, kept_printable(check.check), kept_printable(check.summary));
    }
    out += result.findings.empty() ? "\nNo findings.\n"
                                   : fmt::format("\nFindings: {}\n", result.findings.size());
    for (const auto& finding : by_severity(result.findings)) out += finding_text(finding, colours);
    return out;
}

}  // namespace assay::command_line
