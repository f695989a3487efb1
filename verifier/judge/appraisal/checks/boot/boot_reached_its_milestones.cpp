#include <fmt/core.h>

#include "evidence/eventlog/replay/event_log_facts.h"
#include "evidence/eventlog/replay/secure_boot_keys.h"
#include "evidence/wire/section/section_names.h"
#include "verifier/judge/appraisal/facts/boot/event_place.h"
#include "verifier/judge/appraisal/steps/examined.h"

namespace assay::judge {
namespace {

using tcg::PcrAgreement;

constexpr std::uint32_t kFirmwarePcrs = 8;
constexpr std::uint32_t kBootPcr = 5;  // of ExitBootServices

class Milestones {
  public:
    Milestones(const ReplayedLogs& logs, Judge& judge)
        : logs_(logs), log_(*logs.boot), marks_(tcg::boot_milestones(log_)), judge_(judge) {}

    void judge() {
        std::uint32_t replayed = 0;
        for (std::uint32_t pcr = 0; pcr < kFirmwarePcrs; ++pcr) {
            if (replays(pcr)) ++replayed;
        }
        if (replayed == 0) return judge_.no_answer(NoAnswer::cannot_tell, "none of PCRs 0 to 7 replays");
        judge_.covered(logs_.basis, replayed, fmt::format("separators of {} PCRs looked at", replayed));
        separators(marks_.pcrs_without_separator, "none");
        separators(marks_.pcrs_with_repeated_separator, "more than one");
        for (const auto event : marks_.error_separators) {
            const auto& error = log_.log().unverified_events()[event];
            judge_.about(logs_.basis, fmt::format("PCR {}", error.pcr), event_place(log_.log(), event))
                .report(findings::boot_error_measured, Tier::contraindicated, "a separator",
                        "an error: " + tcg::describe_unverified_data(error));
        }
        // UEFI firmware measures its end; a legacy BIOS has none, and no variable SecureBoot.
        if (replays(kBootPcr) && tcg::measured_secure_boot(log_)) exit_boot_services();
    }

  private:
    [[nodiscard]] bool replays(std::uint32_t pcr) const {
        return log_.comparison(pcr).agreement == PcrAgreement::match;
    }
    static std::string place_of(std::uint32_t pcr) {
        return fmt::format("{}: PCR {}", section::kBootEventLog, pcr);
    }
    void separators(const std::vector<std::uint32_t>& pcrs, const char* actual) {
        for (const auto pcr : pcrs) {
            if (!replays(pcr)) continue;  // that it does not is a finding of its own
            judge_.about(logs_.basis, fmt::format("PCR {}", pcr), place_of(pcr))
                .report(findings::boot_separator, Tier::warning, "one separator", actual);
        }
    }
    void exit_boot_services() {
        const auto failed = marks_.exit_boot_services_succeeded == false;
        if (marks_.exit_boot_services && marks_.exit_boot_services_succeeded.value_or(true)) return;
        judge_.about(logs_.basis, "ExitBootServices", place_of(kBootPcr))
            .report(findings::boot_exit, Tier::warning, "invoked, and returned with success",
                    failed ? "returned with failure" : "not in the log");
    }

    const ReplayedLogs& logs_;
    const tcg::ReplayedEventLog& log_;
    tcg::BootMilestones marks_;
    Judge& judge_;
};

void judge_milestones(const Examined& examined, Judge& judge) {
    if (!examined.logs.boot) return judge.report_absent(examined, section::kBootEventLog);
    Milestones(examined.logs, judge).judge();
}

}  // namespace

// PFP 1.06, 3.3.4: a separator in each of PCRs 0 to 7, and ExitBootServices in PCR 5.
const Check checks::boot_reached_its_milestones{
    .claim = TrustClaim::configuration, .required = true, .judge = judge_milestones};

}  // namespace assay::judge
