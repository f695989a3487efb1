#include <algorithm>
#include <array>
#include <vector>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "evidence/wire/section/section_names.h"
#include "verifier/judge/appraisal/facts/boot/event_place.h"
#include "verifier/judge/appraisal/facts/ima/judge_ima.h"
#include "verifier/judge/appraisal/steps/examined.h"

namespace assay::judge {
namespace {

using tcg::PcrAgreement;

std::string pcr_subject(const ReplayedLogs& logs, unsigned pcr) {
    return fmt::format("PCR {} ({})", pcr, to_string(logs.bank));
}

// A hint at what may have happened, for whoever looks; never a reason to accept.
std::string explained(const tcg::ReplayedEventLog& replayed, const tcg::PcrComparison& comparison) {
    const auto& log = replayed.log();
    switch (comparison.hint) {
        case tcg::DifferenceHint::none:
            return "no single change explains it";
        case tcg::DifferenceHint::other_startup_locality:
            return fmt::format("fits a TPM start from locality {}", comparison.locality);
        case tcg::DifferenceHint::ends_after_event:
            return "the log goes on behind " + event_place(log, comparison.event);
        case tcg::DifferenceHint::one_event_too_many:
            return "fits without " + event_place(log, comparison.event);
        case tcg::DifferenceHint::events_swapped:
            return "fits with " + event_place(log, comparison.event) + " and the next one swapped";
        case tcg::DifferenceHint::one_event_missing:
            return fmt::format("the log may lack {} {}",
                               comparison.missing.empty()
                                   ? "an event like " + event_place(log, comparison.same_as)
                                   : std::string(comparison.missing),
                               comparison.event == 0 ? "in front of this PCR's events"
                                                     : "behind " + event_place(log, comparison.event));
    }
    return {};
}

// Quirks under which a log still says what it says; every other one is worth a look.
bool is_harmless(tcg::EventLogQuirk quirk) {
    using Q = tcg::EventLogQuirk;
    constexpr std::array kHarmless{Q::trailing_padding, Q::pcr_index_all_ones, Q::unknown_algorithm,
                                   Q::nv_index_events, Q::padded_structure};
    return std::ranges::find(kHarmless, quirk) != kHarmless.end();
}

void judge_oddities(const ReplayedLogs& logs, Judge& judge) {
    const auto& log = logs.boot->log();
    for (const auto& quirk : log.quirks()) {
        judge.report(findings::log_quirk, is_harmless(quirk.id) ? Tier::affirming : Tier::warning, logs.basis,
                     {.subject = "boot event log",
                      .expected = "as specified",
                      .actual = fmt::format("{}: {}", tcg::to_string(quirk.id), tcg::describe(quirk.id)),
                      .evidence = quirk.event ? event_place(log, *quirk.event)
                                              : fmt::format("{}: offset {:#x}", section::kBootEventLog,
                                                            quirk.offset)});
    }
    for (const auto& problem : logs.boot->problems()) {
        judge.report(findings::log_problem, Tier::warning, logs.basis,
                     {.subject = "boot event log",
                      .expected = "as specified",
                      .actual = std::string(tcg::to_string(problem.id)),
                      .evidence = event_place(log, problem.event)});
    }
}

bool is_zero(const tcg::PcrComparison& comparison) {
    return comparison.quoted &&
           std::ranges::all_of(comparison.quoted->view(), [](std::byte byte) { return byte == std::byte{}; });
}

/// The PCRs that a log is wrong about as a whole, rather than in an event or two.
std::vector<const tcg::PcrComparison*> wrong_as_a_whole(const ReplayedLogs& logs) {
    constexpr std::size_t kLeast = 2;
    std::vector<const tcg::PcrComparison*> differing;
    bool any_agrees = false;
    for (const auto& comparison : logs.boot->comparisons()) {
        if (!logs.selection.contains(logs.bank, comparison.pcr)) continue;
        any_agrees = any_agrees || comparison.agreement == PcrAgreement::match;
        if (comparison.agreement == PcrAgreement::differs) differing.push_back(&comparison);
    }
    const bool unmeasured = !any_agrees && differing.size() >= kLeast &&
                            std::ranges::all_of(differing, [](const auto* each) { return is_zero(*each); });
    return unmeasured || logs.boot->looks_like_another_boot() ? differing
                                                              : std::vector<const tcg::PcrComparison*>();
}

/// One finding for all of them: they have one cause.
void judge_whole_log(const ReplayedLogs& logs, Judge& judge,
                     const std::vector<const tcg::PcrComparison*>& differing) {
    std::vector<std::string> pcrs;
    std::size_t events = 0;
    for (const auto* each : differing) {
        pcrs.push_back(std::to_string(each->pcr));
        events += each->events;
    }
    const bool unmeasured = std::ranges::all_of(differing, [](const auto* each) { return is_zero(*each); });
    judge.report(
        findings::log_other_boot, Tier::contraindicated, logs.basis,
        {.subject = "boot event log",
         .expected = "the log of the boot that was measured into this TPM",
         .actual = unmeasured
                       ? "nothing was measured into this TPM: the PCRs that the log has events of are zero"
                       : "the log of another boot or host: no single change explains these PCRs",
         .evidence = fmt::format("{}: {} events of PCRs {} ({})", section::kBootEventLog, events,
                                 fmt::join(pcrs, ", "), to_string(logs.bank))});
}

void judge_pcr(const Examined& examined, Judge& judge, const tcg::PcrComparison& comparison) {
    const auto& logs = examined.logs;
    if (!logs.selection.contains(logs.bank, comparison.pcr)) return;
    switch (comparison.agreement) {
        case PcrAgreement::match:
        case PcrAgreement::untouched:
        case PcrAgreement::not_quoted:
            return;
        case PcrAgreement::no_bank:
            return;  // said once for the log
        case PcrAgreement::differs:
            judge.report(
                findings::pcr_mismatch, Tier::contraindicated, logs.basis,
                {.subject = pcr_subject(logs, comparison.pcr),
                 .expected = comparison.replayed.hex() + " (replayed)",
                 .actual = (comparison.quoted ? comparison.quoted->hex() : std::string("none")) + " (quoted)",
                 .evidence = fmt::format("{}: {} events of this PCR; {}", section::kBootEventLog,
                                         comparison.events, explained(*logs.boot, comparison))});
            return;
        case PcrAgreement::unlogged:
            // Judged with the IMA list, or said there why that is no list.
            if (comparison.pcr == kImaPcr && (logs.ima || !logs.ima_refused.empty())) return;
            if (examined.inputs.policy.unlogged_pcrs.contains(comparison.pcr)) return;
            judge.report(
                findings::pcr_unlogged, Tier::contraindicated, logs.basis,
                {.subject = pcr_subject(logs, comparison.pcr),
                 .expected = "the reset value, or events that explain it",
                 .actual = (comparison.quoted ? comparison.quoted->hex() : std::string("none")) + " (quoted)",
                 .evidence = comparison.pcr == kImaPcr
                                 ? fmt::format("{}: {}", section::kImaLog,
                                               examined.sections.why_absent(section::kImaLog))
                                 : fmt::format("{}: no event of this PCR", section::kBootEventLog)});
            return;
    }
}

void judge_parsing(const Examined& examined, Judge& judge) {
    for (const auto name : {section::kBootEventLog, section::kImaLog, section::kImaLogPart}) {
        const auto found = examined.sections.entries().find(name);
        if (found == examined.sections.entries().end() ||
            found->second.state != NamedSections::State::malformed)
            continue;
        judge.report(findings::log_malformed, Tier::contraindicated, examined.basis(),
                     {.subject = std::string(name),
                      .expected = "a log",
                      .actual = found->second.problem,
                      .evidence = std::string(name)});
    }
}

void judge_logs(const Examined& examined, Judge& judge) {
    const auto& logs = examined.logs;
    judge_parsing(examined, judge);
    if (!logs.values_present) {
        judge.report(findings::quote_pcr_values_absent, Tier::none, examined.basis(),
                     {.subject = "PCR values",
                      .expected = "present",
                      .actual = "absent: " + examined.sections.why_absent(section::kPcrs),
                      .evidence = "manifest"});
    } else if (!logs.values_match_digest) {
        judge.report(findings::quote_pcr_digest, Tier::contraindicated, examined.basis(),
                     {.subject = "PCR values",
                      .expected = "values with the quoted digest",
                      .actual = "values with another digest",
                      .evidence = "pcrs; quote: pcrDigest"});
    }
    judge_ima(logs, judge);
    if (!logs.boot) {
        if (!examined.sections.entries().contains(section::kBootEventLog))
            judge.report_absent(examined, section::kBootEventLog);
        return;
    }
    judge_oddities(logs, judge);
    if (!logs.boot->log().has_bank(logs.bank)) {
        judge.report(findings::pcr_no_bank, Tier::contraindicated, logs.basis,
                     {.subject = "boot event log",
                      .expected = fmt::format("digests of {}", to_string(logs.bank)),
                      .actual = "none",
                      .evidence = std::string(section::kBootEventLog)});
    }
    const auto together = wrong_as_a_whole(logs);
    if (!together.empty()) judge_whole_log(logs, judge, together);
    unsigned explained_pcrs = 0;
    for (const auto& comparison : logs.boot->comparisons()) {
        if (std::ranges::find(together, &comparison) == together.end())
            judge_pcr(examined, judge, comparison);
        if (comparison.agreement == PcrAgreement::match) ++explained_pcrs;
    }
    if (explained_pcrs == 0)
        return judge.no_answer(NoAnswer::cannot_tell, "no PCR that the log has events of was quoted");
    judge.covered(logs.basis, explained_pcrs,
                  fmt::format("{} PCRs replay from {} events", explained_pcrs,
                              logs.boot->log().unverified_events().size()));
}

}  // namespace

const Check checks::logs_replay_to_the_quoted_pcrs{
    .claim = TrustClaim::configuration, .required = true, .judge = judge_logs};

}  // namespace assay::judge
