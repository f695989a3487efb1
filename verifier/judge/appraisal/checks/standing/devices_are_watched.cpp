#include "evidence/wire/section/section_names.h"
#include "verifier/judge/appraisal/facts/standing/watcher.h"
#include "verifier/judge/appraisal/steps/examined.h"

namespace assay::judge {
namespace {

void judge_watching(const Examined& examined, Judge& judge) {
    if (!examined.claims.journal) return judge.report_absent(examined, section::kJournal);
    if (const auto absence = absence_of(examined.watching)) {
        judge.report(findings::usb_unwatched, Tier::none, examined.basis(),
                     {.subject = absence->subject,
                      .expected = absence->expected,
                      .actual = absence->actual,
                      .evidence = absence->where});
    }
    judge.covered(examined.basis(), 1, "a monitor watches the USB ports");
}

}  // namespace

const Check checks::devices_are_watched{
    .claim = TrustClaim::sourced_data, .required = true, .judge = judge_watching};

}  // namespace assay::judge
