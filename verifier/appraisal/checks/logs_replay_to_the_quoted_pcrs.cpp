#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "evidence/wire/section_names.h"
#include "verifier/appraisal/event_place.h"
#include "verifier/appraisal/examined.h"

namespace assay {
namespace {

using tcg::PcrAgreement;

constexpr unsigned kImaPcr = 10;

std::string pcr_subject(const ReplayedLogs& logs, unsigned pcr) {
    return fmt::format("PCR {} ({})", pcr, to_string(logs.bank));
}

// A hint at what may have happened, for whoever looks; never a reason to accept.
std::string explained(const tcg::ParsedEventLog& log, const tcg::PcrComparison& comparison) {
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
    }
    return {};
}

// Quirks under which a log still says what it says; every other one is worth a look.
bool is_harmless(tcg::EventLogQuirk quirk) {
    using Q = tcg::EventLogQuirk;
    constexpr std::array kHarmless{Q::trailing_padding, Q::pcr_index_all_ones, Q::unknown_algorithm};
    return std::ranges::find(kHarmless, quirk) != kHarmless.end();
}

void judge_oddities(const ReplayedLogs& logs, Judge& judge) {
    const auto& log = logs.boot->log();
    for (const auto& quirk : log.quirks()) {
        judge.finds(findings::log_quirk, is_harmless(quirk.id) ? Tier::affirming : Tier::warning, logs.basis,
                    {.subject = "boot event log",
                     .expected = "as specified",
                     .actual = fmt::format("{}: {}", tcg::to_string(quirk.id), tcg::describe(quirk.id)),
                     .evidence = quirk.event ? event_place(log, *quirk.event)
                                             : fmt::format("{}: offset {:#x}", section::kBootEventLog,
                                                           quirk.offset)});
    }
    for (const auto& problem : logs.boot->problems()) {
        judge.finds(findings::log_problem, Tier::warning, logs.basis,
                    {.subject = "boot event log",
                     .expected = "as specified",
                     .actual = std::string(tcg::to_string(problem.id)),
                     .evidence = event_place(log, problem.event)});
    }
}

void judge_ima(const Examined& examined, Judge& judge) {
    const auto& logs = examined.logs;
    if (!logs.ima_match) return;
    const auto& match = *logs.ima_match;
    const auto entries = logs.ima->unverified_entries();
    const auto place = [&](std::size_t index) {
        if (index >= entries.size()) return fmt::format("{}: end", section::kImaLog);
        return fmt::format("{}: entry {} (offset {:#x})", section::kImaLog, index, entries[index].offset);
    };
    const auto file_of = [&](std::uint32_t index) {
        const auto fields = tcg::ima_fields(entries[index]);
        return fields ? shown(fields->path) : std::string("entry");
    };
    if (match.agreement == tcg::ImaAgreement::differs) {
        judge.finds(findings::ima_mismatch, Tier::contraindicated, logs.basis,
                    {.subject = pcr_subject(logs, kImaPcr),
                     .expected = match.whole.value.hex() + " (replayed)",
                     .actual = logs.values.at(kImaPcr)->hex() + " (quoted)",
                     .evidence = fmt::format("{}: {} entries", section::kImaLog, entries.size())});
        return;
    }
    if (match.agreement == tcg::ImaAgreement::runs_ahead) {
        judge.finds(findings::ima_runs_ahead, Tier::affirming, logs.basis,
                    {.subject = "IMA list",
                     .expected = fmt::format("{} entries", match.verified.entries),
                     .actual = fmt::format("{} entries", match.whole.entries),
                     .evidence = place(match.verified.entries)});
    }
    for (const auto index : match.violations) {
        judge.finds(findings::ima_violation, Tier::warning, logs.basis,
                    {.subject = "file " + file_of(index),
                     .expected = "a measurement",
                     .actual = "a violation",
                     .evidence = place(index)});
    }
    for (const auto index : match.edited) {
        judge.finds(findings::ima_edited, Tier::contraindicated, logs.basis,
                    {.subject = "file " + file_of(index),
                     .expected = "data with the entry's digest",
                     .actual = "other data",
                     .evidence = place(index)});
    }
}

// The first entry's file hash is over PCRs 0-7, and 8-9 too from Linux 5.8 on.
// (security/integrity/ima/ima_crypto.c)
void judge_boot_aggregate(const ReplayedLogs& logs, Judge& judge) {
    if (!logs.ima_match || logs.ima_match->agreement == tcg::ImaAgreement::differs) return;
    const auto aggregate = tcg::boot_aggregate(*logs.ima);
    if (!aggregate) {  // the kernel writes it first of all: nothing else ties the list to this boot
        judge.finds(findings::ima_boot_aggregate, Tier::warning, logs.basis,
                    {.subject = "boot_aggregate",
                     .expected = "the list's first entry",
                     .actual = "none that can be read",
                     .evidence = fmt::format("{}: entry 0", section::kImaLog)});
        return;
    }
    if (aggregate->file_hash_algorithm != logs.bank) return;
    Hasher short_form(logs.bank);
    Hasher long_form(logs.bank);
    for (unsigned pcr = 0; pcr < kImaPcr; ++pcr) {
        const auto& value = logs.values.at(pcr);
        if (!value) return;  // not quoted: nothing to compare with
        if (pcr < 8) short_form.update(value->view());
        long_form.update(value->view());
    }
    const auto expected = long_form.finish();
    if (equal(expected.view(), aggregate->file_hash) ||
        equal(short_form.finish().view(), aggregate->file_hash))
        return;
    const auto actual = Digest::from_bytes(logs.bank, aggregate->file_hash);
    judge.finds(findings::ima_boot_aggregate, Tier::contraindicated, logs.basis,
                {.subject = "boot_aggregate",
                 .expected = expected.hex() + " (quoted PCRs)",
                 .actual = actual ? actual->hex() : std::string("a digest of another size"),
                 .evidence = fmt::format("{}: entry 0", section::kImaLog)});
}

void judge_pcr(const Examined& examined, Judge& judge, const tcg::PcrComparison& comparison) {
    const auto& logs = examined.logs;
    if (!logs.selection.contains(logs.bank, comparison.pcr)) return;
    const auto& log = logs.boot->log();
    switch (comparison.agreement) {
        case PcrAgreement::match:
        case PcrAgreement::untouched:
        case PcrAgreement::not_quoted:
            return;
        case PcrAgreement::no_bank:
            return;  // said once for the log
        case PcrAgreement::differs:
            judge.finds(
                findings::pcr_mismatch, Tier::contraindicated, logs.basis,
                {.subject = pcr_subject(logs, comparison.pcr),
                 .expected = comparison.replayed.hex() + " (replayed)",
                 .actual = (comparison.quoted ? comparison.quoted->hex() : std::string("none")) + " (quoted)",
                 .evidence = fmt::format("{}: {} events of this PCR; {}", section::kBootEventLog,
                                         comparison.events, explained(log, comparison))});
            return;
        case PcrAgreement::unlogged:
            if (comparison.pcr == kImaPcr && logs.ima_match) return;  // judged with the IMA list
            if (examined.inputs.policy.unlogged_pcrs.contains(comparison.pcr)) return;
            judge.finds(
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
    for (const auto name : {section::kBootEventLog, section::kImaLog}) {
        const auto found = examined.sections.entries().find(name);
        if (found == examined.sections.entries().end() ||
            found->second.state != NamedSections::State::malformed)
            continue;
        judge.finds(findings::log_malformed, Tier::contraindicated, examined.basis(),
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
        judge.finds(findings::quote_pcr_values_absent, Tier::none, examined.basis(),
                    {.subject = "PCR values",
                     .expected = "present",
                     .actual = "absent: " + examined.sections.why_absent(section::kPcrs),
                     .evidence = "manifest"});
    } else if (!logs.values_match_digest) {
        judge.finds(findings::quote_pcr_digest, Tier::contraindicated, examined.basis(),
                    {.subject = "PCR values",
                     .expected = "values with the quoted digest",
                     .actual = "values with another digest",
                     .evidence = "pcrs; quote: pcrDigest"});
    }
    judge_ima(examined, judge);
    judge_boot_aggregate(logs, judge);
    if (!logs.boot) {
        if (!examined.sections.entries().contains(section::kBootEventLog))
            judge.lacks(examined, section::kBootEventLog);
        return;
    }
    judge_oddities(logs, judge);
    if (!logs.boot->log().has_bank(logs.bank)) {
        judge.finds(findings::pcr_no_bank, Tier::contraindicated, logs.basis,
                    {.subject = "boot event log",
                     .expected = fmt::format("digests of {}", to_string(logs.bank)),
                     .actual = "none",
                     .evidence = std::string(section::kBootEventLog)});
    }
    unsigned explained_pcrs = 0;
    for (const auto& comparison : logs.boot->comparisons()) {
        judge_pcr(examined, judge, comparison);
        if (comparison.agreement == PcrAgreement::match) ++explained_pcrs;
    }
    if (explained_pcrs == 0) return judge.nothing_to_judge("no PCR that the log has events of was quoted");
    judge.holds(logs.basis, fmt::format("{} PCRs replay from {} events", explained_pcrs,
                                        logs.boot->log().unverified_events().size()));
}

}  // namespace

const Check checks::logs_replay_to_the_quoted_pcrs{
    .claim = TrustClaim::configuration, .required = true, .judge = judge_logs};

}  // namespace assay
