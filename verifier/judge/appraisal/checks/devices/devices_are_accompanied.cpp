#include <fmt/core.h>

#include "evidence/wire/section/section_names.h"
#include "verifier/judge/appraisal/steps/examined.h"

namespace assay::judge {
namespace {

void judge_accompaniment(const Examined& examined, Judge& judge) {
    // What was told is told again, also where the journal is not shown any more. What could not be kept one
    // by one counts as the worst of it, until all of it is acknowledged.
    const auto open =
        report_matters(examined.matters, judge, [](const OpenMatter& each) { return is_of_devices(each); });
    judge.report_more(findings::usb_unaccompanied, Tier::contraindicated, examined.basis(), "USB",
                      examined.matters.more + examined.matters.more_again);
    const auto& journal = examined.claims.journal;
    if (!journal) return judge.report_absent(examined, section::kJournal);
    // A quiet time is covered only where somebody watched it.
    const std::size_t watched = examined.watching.trouble.empty() ? 1 : 0;
    const auto judged = examined.devices.judged, excused = examined.devices.excused;
    judge.covered(examined.basis(), judged + watched,
                  fmt::format("device events since the last report: {} judged by {}, {} of the host's own "
                              "devices; open matters: {}",
                              judged, examined.inputs.known_host.judged ? "the directory" : "work sessions",
                              excused, open),
                  excused);
}

}  // namespace

const Check checks::devices_are_accompanied{
    .claim = TrustClaim::hardware, .required = true, .judge = judge_accompaniment};

}  // namespace assay::judge
