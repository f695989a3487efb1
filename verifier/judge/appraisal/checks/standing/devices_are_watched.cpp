#include "evidence/base/text.h"
#include "evidence/wire/section/section_names.h"
#include "verifier/judge/appraisal/facts/standing/watcher.h"
#include "verifier/judge/appraisal/steps/examined.h"

namespace assay::judge {
namespace {

// Why an absence of records would prove nothing; empty where a monitor watches.
std::string unwatched(const Examined& examined, const JournalSection& journal) {
    for (const auto& gap : examined.sections.gaps()) {
        if (gap.section == section::kJournal) return shown(gap.reason);
    }
    if (journal.head_sequence == 0) return "an empty journal: no monitor ever started";
    return examined.watching.trouble;
}

void judge_watching(const Examined& examined, Judge& judge) {
    const auto& journal = examined.claims.journal;
    if (!journal) return judge.report_absent(examined, section::kJournal);
    if (const auto why = unwatched(examined, *journal); !why.empty()) {
        judge.report(findings::usb_unwatched, Tier::none, examined.basis(),
                     {.subject = "USB ports",
                      .expected = "a monitor that watches them",
                      .actual = why,
                      .evidence = "journal: head; gaps; clock: watch"});
    }
    judge.looked_at(examined.basis(), "a monitor watches the USB ports");
}

}  // namespace

const Check checks::devices_are_watched{
    .claim = TrustClaim::sourced_data, .required = true, .judge = judge_watching};

}  // namespace assay::judge
