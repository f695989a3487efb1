#include <fmt/core.h>

#include "evidence/base/text.h"
#include "verifier/judge/appraisal/steps/examined.h"

namespace assay::judge {
namespace {

using State = JournalStanding::State;

const FindingKind* finding_of(State state) {
    switch (state) {
        case State::none:
        case State::anchored:
            return nullptr;
        case State::unanchored:
            return &findings::journal_unanchored;
        case State::behind:
            return &findings::journal_behind;
        case State::incomplete:
            return &findings::journal_incomplete;
        case State::missing:
            return &findings::journal_anchor_missing;
        case State::invalid:
            return &findings::journal_anchor_invalid;
        case State::renewed:
            return &findings::journal_anchor_renewed;
        case State::rewritten:
            return &findings::journal_rewritten;
    }
    return &findings::journal_anchor_invalid;
}

std::string place_of(const Examined& examined) {
    const auto& standing = examined.journal;
    if (standing.state != State::behind) return "journal: NV indices 0x0180a5a1 and 0x0180a5a2";
    // Since when: the first record that the TPM does not have.
    const auto& records = examined.claims.journal_records;
    const auto first = standing.through.sequence - examined.inputs.known_host.journal_sequence;
    if (first < records.size() && records[first].record) {
        return fmt::format("journal: record {}, dated {}", standing.through.sequence + 1,
                           utc_text(records[first].record->wall_ms / 1000));
    }
    return fmt::format("journal: record {}", standing.through.sequence + 1);
}

void judge_anchor(const Examined& examined, Judge& judge) {
    const auto& standing = examined.journal;
    if (standing.state == State::none) return judge.no_answer(NoAnswer::cannot_tell, "there is no journal");
    if (standing.state == State::anchored) {
        judge.covered(examined.basis(), examined.claims.journal ? examined.claims.journal->head_sequence : 0,
                      "the TPM vouches for all records");
        return;
    }
    const bool waits = standing.state == State::unanchored || standing.state == State::behind ||
                       standing.state == State::incomplete;
    judge.report(
        *finding_of(standing.state), waits ? Tier::warning : Tier::contraindicated, examined.basis(),
        {.subject = "journal",
         .expected = standing.expected.empty() ? "the TPM's word on every record" : standing.expected,
         .actual = standing.actual.empty() ? "none" : standing.actual,
         .evidence = place_of(examined)});
}

}  // namespace

const Check checks::journal_is_anchored{
    .claim = TrustClaim::sourced_data, .required = true, .judge = judge_anchor};

}  // namespace assay::judge
