#include <fmt/core.h>

#include "evidence/wire/section/section_names.h"
#include "verifier/judge/appraisal/steps/examined.h"

namespace assay::judge {
namespace {

// Why an absence of insertions would prove nothing; empty where a monitor watches.
std::string unwatched(const Examined& examined, const JournalSection& journal) {
    for (const auto& gap : examined.sections.gaps()) {
        if (gap.section == section::kJournal) return shown(gap.reason);
    }
    return journal.head_sequence == 0 ? "an empty journal: no monitor ever started" : "";
}

void judge_accompaniment(const Examined& examined, Judge& judge) {
    // What was told is told again, also where the journal is not shown any more.
    const auto open =
        report_matters(examined.matters, judge, [](const OpenMatter& each) { return is_of_devices(each); });
    const auto& journal = examined.claims.journal;
    if (!journal) return judge.report_absent(examined, section::kJournal);
    // A quiet time is covered only where somebody watched it.
    const auto why = unwatched(examined, *journal);
    const std::size_t watched = why.empty() ? 1 : 0;
    if (!why.empty()) {
        judge.report(findings::usb_unwatched, Tier::none, examined.basis(),
                     {.subject = "USB ports",
                      .expected = "a monitor that watches them",
                      .actual = why,
                      .evidence = "journal: head, gaps"});
    }
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
