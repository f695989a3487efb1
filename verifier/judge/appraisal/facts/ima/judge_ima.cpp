#include "verifier/judge/appraisal/facts/ima/judge_ima.h"

#include <fmt/core.h>

#include "evidence/base/hex.h"
#include "evidence/ima/boot_aggregate.h"
#include "evidence/wire/section/section_names.h"

namespace assay::judge {
namespace {

// The first entry's file hash is over the boot PCRs.
void judge_boot_aggregate(const ReplayedLogs& logs, Judge& judge) {
    const auto& state = logs.ima->state;
    const auto about =
        judge.about(logs.basis, "boot_aggregate", fmt::format("{}: entry 0", section::kImaLog));
    // The kernel writes it first of all: nothing else ties the list to this boot.
    if (state.aggregate.empty())
        return about.report(findings::ima_boot_aggregate, Tier::warning, "the list's first entry",
                            "none that can be read");
    switch (tcg::boot_aggregate_agrees(state.aggregate_hash, state.aggregate, logs.bank, logs.values)) {
        case tcg::AggregateAgreement::agrees:
        case tcg::AggregateAgreement::not_quoted:  // the policy did not ask for them
            return;
        case tcg::AggregateAgreement::other_bank:
            return about.report(findings::ima_boot_aggregate, Tier::warning,
                                fmt::format("a hash of the {} bank", to_string(logs.bank)),
                                fmt::format("one of {}: it cannot be compared", state.aggregate_hash));
        case tcg::AggregateAgreement::differs:
            return about.report(findings::ima_boot_aggregate, Tier::contraindicated,
                                tcg::boot_aggregate_of(logs.values, logs.bank, true).hex() + " (quoted PCRs)",
                                to_hex(state.aggregate));
    }
}

}  // namespace

std::string ima_place(std::uint64_t entry, std::uint64_t offset) {
    return fmt::format("{}: entry {} (offset {:#x})", section::kImaLog, entry, offset);
}

void judge_notes(const ImaNotes& notes, const FindingKind& kind, Tier tier, Basis basis, Judge& judge) {
    for (const auto& note : notes.first) {
        judge.report(kind, tier, basis,
                     {.subject = "file " + note.path,
                      .expected = note.expected,
                      .actual = note.found,
                      .evidence = ima_place(note.entry, note.offset)});
    }
    if (notes.count > notes.first.size())
        judge.report_more(kind, tier, basis, "file", notes.count - notes.first.size());
}

void judge_ima(const ReplayedLogs& logs, Judge& judge) {
    if (!logs.ima_refused.empty()) {
        judge.report(findings::ima_unknown_part, Tier::contraindicated, logs.basis,
                     {.subject = "IMA list",
                      .expected = "the whole list, or what comes after the part that was judged before",
                      .actual = "a part that does not go on: " + logs.ima_refused,
                      .evidence = std::string(section::kImaLogPart)});
    }
    if (!logs.ima) return;
    const auto& ima = *logs.ima;
    if (ima.agreement == tcg::ImaAgreement::differs) {
        judge.report(findings::ima_mismatch, Tier::contraindicated, logs.basis,
                     {.subject = fmt::format("PCR {} ({})", kImaPcr, to_string(logs.bank)),
                      .expected = ima.replayed.hex() + " (replayed)",
                      .actual = logs.values.at(kImaPcr)->hex() + " (quoted)",
                      .evidence = fmt::format("{}: {} entries", section::kImaLog, ima.entries)});
        return;
    }
    if (ima.is_unextended()) {
        judge.report(findings::ima_not_extended, Tier::warning, logs.basis,
                     {.subject = fmt::format("PCR {} ({})", kImaPcr, to_string(logs.bank)),
                      .expected = "extended once for each entry of the list, boot_aggregate first",
                      .actual = "never extended: IMA runs without the TPM",
                      .evidence = std::string(section::kImaLog)});
        return;
    }
    if (ima.agreement == tcg::ImaAgreement::runs_ahead) {
        judge.report(findings::ima_runs_ahead, Tier::affirming, logs.basis,
                     {.subject = "IMA list",
                      .expected = "no entry that the quote does not cover",
                      .actual = "entries that came after the quote",
                      .evidence = std::string(section::kImaLog)});
    }
    judge_notes(ima.state.violations, findings::ima_violation, Tier::warning, logs.basis, judge);
    judge_notes(ima.state.edited, findings::ima_edited, Tier::contraindicated, logs.basis, judge);
    judge_boot_aggregate(logs, judge);
}

}  // namespace assay::judge
