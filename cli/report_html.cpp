#include "cli/report_html.h"

#include <algorithm>

#include <fmt/core.h>

#include "cli/context.h"
#include "cli/report_machine.h"
#include "cli/report_page.h"
#include "client/command_line/result_text.h"
#include "evidence/base/text.h"
#include "verifier/judge/accompaniment/timeline/timeline.h"
#include "verifier/judge/appraisal/checks/findings.h"

namespace assay::cli {
namespace {

std::string in_words(std::string_view name) {
    std::string words = page_text(name);
    std::ranges::replace(words, '_', ' ');
    return words;
}

std::string row(std::string_view term, std::string_view value) {
    return value.empty() ? std::string() : fmt::format("<dt>{}</dt><dd>{}</dd>\n", term, page_text(value));
}

std::string_view verdict_sentence(Tier tier) {
    switch (tier) {
        case Tier::affirming:
            return "Every required check was made and holds. This server may go into service.";
        case Tier::warning:
            return "The required checks hold; each warning below wants a decision by a person.";
        case Tier::contraindicated:
            return "At least one check failed. Do not put this server into service before the findings are "
                   "resolved.";
        case Tier::none:
            return "Something that the policy requires could not be judged. Absent data never passes.";
    }
    return "";
}

std::string claims_table(const AttestationResult& result) {
    std::string out = "<h2>Claims</h2>\n<table><tr><th>Claim (AR4SI)</th><th>Tier</th></tr>\n";
    for (const auto& [claim, tier] : result.claims) {
        out += fmt::format("<tr><td>{}</td><td>{}</td></tr>\n", to_string(claim), page_tier(tier));
    }
    return out + "</table>\n";
}

std::string checks_table(const AttestationResult& result) {
    std::string out =
        "<h2>What was checked</h2>\n<table><tr><th>Statement</th><th>Tier</th><th>Basis</th><th>What was "
        "looked at</th></tr>\n";
    for (const auto& check : result.checks) {
        out += fmt::format("<tr><td>{}{}</td><td>{}</td><td>{}</td><td class=\"soft\">{}</td></tr>\n",
                           in_words(check.check), check.required ? "" : " <small>(optional)</small>",
                           page_tier(check.tier, command_line::tier_words(check)), to_string(check.basis),
                           page_text(command_line::summary_words(check)));
    }
    return out +
           "</table>\n<p><small>Basis: <i>endorsed</i> = signed by a manufacturer; <i>quoted</i> = covered "
           "by PCR values in the "
           "TPM's quote; <i>bound</i> = its digest is under the TPM's signature, so the host said it, and "
           "said it now; "
           "<i>self-reported</i> = the host's word alone.</small></p>\n";
}

// From this program's own table; a newer verifier's finding that it does not know shows without.
std::string_view sentence_of(const Finding& finding) {
    const auto* kind = judge::find_finding(finding.id);
    return kind != nullptr ? kind->sentence : std::string_view();
}

std::string finding_card(const Finding& finding) {
    return fmt::format("<section class=\"finding {}\"><h3>{} &nbsp;<code>{}</code></h3>\n<dl>\n",
                       to_string(finding.tier), page_tier(finding.tier), page_text(finding.id)) +
           row("Says", sentence_of(finding)) + row("Subject", finding.subject) +
           row("Expected", finding.expected) + row("Found", finding.actual) + row("Where", finding.evidence) +
           row("Basis", to_string(finding.basis)) + row("Next", finding.remedy) + "</dl></section>\n";
}

std::string inputs_table(const AttestationResult& result) {
    std::string out = "<h2>Made from</h2>\n<table><tr><th>Input</th><th>SHA-256</th></tr>\n";
    for (const auto& [name, digest] : result.inputs) {
        out +=
            fmt::format("<tr><td>{}</td><td><code>{}</code></td></tr>\n", page_text(name), page_text(digest));
    }
    out += "</table>\n";
    if (result.policy_choice)
        out += fmt::format("<p>The policy was chosen by {}.</p>\n", page_text(*result.policy_choice));
    return out +
           "<p><small>The same inputs give the same result, byte for byte, on any "
           "machine.</small></p>\n";
}

std::string device_event(JsonReader& verdict) {
    const auto severity = verdict.peek("severity");
    const auto tier = severity == "info"                             ? "affirming"
                      : severity == "high" || severity == "critical" ? "contraindicated"
                                                                     : "warning";
    const auto reason = verdict.peek("reason");
    std::string out = fmt::format("<div class=\"finding {}\"><h3>{} {}{}, {}</h3>\n<dl>\n", tier,
                                  page_text(verdict.peek("event")), page_text(verdict.peek("outcome")),
                                  reason.empty() ? "" : "(" + page_text(reason) + ")", page_text(severity));
    for (const auto* key : {"from", "text", "order", "technician", "escort"})
        out += row(key, verdict.peek(key));
    verdict.members("conditions", [&](const std::string& name, JsonReader& condition) {
        out += row(page_text(name), fmt::format("{}: {}", condition.peek("value"), condition.peek("reason")));
    });
    verdict.each("notes",
                 [&](JsonReader& note) { out += row(page_text(note.peek("id")), note.peek("text")); });
    out += "</dl>\n";
    verdict.object("timeline", [&](JsonReader& timeline) { out += accompaniment::svg(timeline); });
    return out + "</div>\n";
}

std::string device_events(std::string_view text) {
    JsonReader verdicts(text, kAnswer);
    if (verdicts.failed() || verdicts.size() == 0) return {};
    std::string out = fmt::format("<h2>Device events: {}</h2>\n", verdicts.size());
    verdicts.each("", [&](JsonReader& verdict) { out += device_event(verdict); });
    return out;
}

std::string head(std::string_view name) {
    return page_head(name, "Assay provisioning report", fmt::format("{} - attestation report", name));
}

}  // namespace

std::string unattested_report_html(std::string_view machine) {
    JsonReader reader(machine, kAnswer);
    return head(reader.peek("host")) +
           page_verdict(
               Tier::none,
               fmt::format("This server has never attested, so nothing is known of it but what stands "
                           "below.<br><small>Enrolled {}. Next: <code>assay-agent attest</code> on "
                           "it.</small>",
                           page_text(time_of(reader, "enrolled_at")))) +
           machine_html(machine) + parts_html(machine) + "</body></html>\n";
}

std::string report_html(const AttestationResult& result, std::string_view verdicts,
                        std::string_view machine) {
    auto out =
        head(result.host) +
        page_verdict(result.tier,
                     fmt::format("{}<br><small>Appraised {} by {}.</small>", verdict_sentence(result.tier),
                                 utc_text(result.appraised_at), page_text(result.appraiser)));
    if (!machine.empty()) out += machine_html(machine);
    out += fmt::format("<h2>Findings: {}</h2>\n", result.findings.size());
    if (result.findings.empty()) out += "<p>None.</p>\n";
    for (const auto& finding : command_line::by_severity(result.findings)) out += finding_card(finding);
    if (!verdicts.empty()) out += device_events(verdicts);
    if (!machine.empty()) out += parts_html(machine);
    out += checks_table(result) + claims_table(result) + inputs_table(result);
    out += fmt::format(
        "<footer>Result <code>{}</code> &middot; boot <code>{}</code> &middot; challenged "
        "{}</footer>\n</body></html>\n",
        attestation_result_id(result), page_text(result.boot_id), utc_text(result.challenged_at));
    return out;
}

}  // namespace assay::cli
