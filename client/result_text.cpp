#include "client/result_text.h"

#include <fmt/core.h>

#include <chrono>

#include "evidence/base/text.h"

namespace assay {
namespace {

std::string_view colour_of(Tier tier) {
    switch (tier) {
        case Tier::affirming: return "\x1b[32m";
        case Tier::warning: return "\x1b[33m";
        case Tier::contraindicated: return "\x1b[31m";
        case Tier::none: return "\x1b[35m";
    }
    return "";
}

std::string painted(std::string_view text, Tier tier, bool colours) {
    return colours ? fmt::format("{}{}\x1b[0m", colour_of(tier), text) : std::string(text);
}

std::string line(std::string_view label, std::string_view value) {
    return value.empty() ? std::string() : fmt::format("      {:<9} {}\n", label, printable(value));
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
        case Tier::affirming: return "GO";
        case Tier::warning: return "GO, with warnings";
        case Tier::contraindicated: return "NO GO";
        case Tier::none: return "CANNOT TELL";
    }
    return "CANNOT TELL";
}

std::string utc_text(std::int64_t unix_seconds) {
    using namespace std::chrono;
    const sys_seconds time{seconds{unix_seconds}};
    const auto day = floor<days>(time);
    const year_month_day date{day};
    const hh_mm_ss clock{time - day};
    return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}Z", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), clock.hours().count(),
                       clock.minutes().count(), clock.seconds().count());
}

std::string finding_text(const Finding& finding, bool colours) {
    std::string out = fmt::format("  {} {}: {}\n", painted(fmt::format("[{}]", to_string(finding.tier)), finding.tier, colours),
                                  printable(finding.id), printable(finding.subject));
    out += line("expected", finding.expected);
    out += line("found", finding.actual);
    out += line("where", finding.evidence);
    out += line("basis", to_string(finding.basis));
    out += line("next", finding.remedy);
    return out;
}

std::string result_text(const AttestationResult& result, bool colours) {
    std::string out = fmt::format("{}: {} ({})\n", printable(result.host),
                                  painted(verdict_words(result.tier), result.tier, colours), to_string(result.tier));
    out += fmt::format("appraised {} by {}, result {}\n\n", utc_text(result.appraised_at), printable(result.appraiser),
                       attestation_result_id(result).substr(0, 16));
    out += "Claims\n" + claims_line(result, colours) + "\nChecks\n";
    for (const auto& check : result.checks) {
        const auto tier = painted(fmt::format("{:<15}", to_string(check.tier)), check.tier, colours);
        out += fmt::format("  {} {:<44} {}\n", tier, printable(check.check), printable(check.summary));
    }
    out += result.findings.empty() ? "\nNo findings.\n" : fmt::format("\nFindings: {}\n", result.findings.size());
    for (const auto& finding : result.findings) out += finding_text(finding, colours);
    return out;
}

}  // namespace assay
