#include "evidence/wire/section/section_names.h"
#include "verifier/judge/appraisal/facts/standing/watcher.h"
#include "verifier/judge/appraisal/steps/examined.h"

namespace assay::judge {
namespace {

// It is told until a monitor watches again and somebody has acknowledged the time between.
bool is_told_here(const OpenMatter& matter) {
    return matter.change && matter.change->kind == ChangeKind::watch;
}

void judge_watching(const Examined& examined, Judge& judge) {
    report_matters(examined.matters, judge, is_told_here);
    if (!examined.claims.journal) return judge.report_absent(examined, section::kJournal);
    judge.covered(examined.basis(), examined.watching.trouble.empty() ? 1 : 0,
                  "a monitor watches the USB ports");
}

}  // namespace

const Check checks::devices_are_watched{
    .claim = TrustClaim::sourced_data, .required = true, .judge = judge_watching};

}  // namespace assay::judge
