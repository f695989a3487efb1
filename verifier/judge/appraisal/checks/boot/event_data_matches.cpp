#include <fmt/core.h>

#include "evidence/eventlog/event_data.h"
#include "evidence/wire/section/section_names.h"
#include "verifier/judge/appraisal/facts/boot/event_place.h"
#include "verifier/judge/appraisal/steps/examined.h"

namespace assay::judge {
namespace {

void judge_event_data(const Examined& examined, Judge& judge) {
    const auto& logs = examined.logs;
    if (!logs.boot) return judge.report_absent(examined, section::kBootEventLog);
    std::size_t covered = 0;
    std::size_t verified = 0;
    for (const auto& [event, digest, data] : logs.boot->verified()) {  // another PCR is a finding of its own
        ++verified;
        const auto& coverage = logs.boot->coverage(event);
        if (coverage.coverage == tcg::DataCoverage::covered) ++covered;
        if (coverage.coverage != tcg::DataCoverage::mismatch) continue;
        judge.report(findings::event_data_mismatch, Tier::contraindicated, logs.basis,
                     {.subject = fmt::format("PCR {} event {}", event.pcr,
                                             tcg::event_type_name(event.unverified_type)),
                      .expected = "data with the digest " + digest.hex(),
                      .actual = tcg::describe_unverified_data(event),
                      .evidence = event_place(event)});
    }
    if (verified == 0)
        return judge.no_answer(NoAnswer::cannot_tell, "no event of the boot event log is verified");
    judge.covered(logs.basis, covered,
                  fmt::format("{} events verified, the data of {} under its digest", verified, covered));
}

}  // namespace

const Check checks::event_data_matches{
    .claim = TrustClaim::configuration, .required = true, .judge = judge_event_data};

}  // namespace assay::judge
