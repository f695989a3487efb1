#include "verifier/judge/appraisal/facts/standing/silence.h"

#include <algorithm>

#include <fmt/core.h>

#include "evidence/base/text.h"
#include "verifier/judge/appraisal/checks/check.h"

namespace assay::judge {

bool is_silence(const Policy& policy, std::int64_t last_s, std::int64_t now_s) {
    return now_s > last_s && now_s - last_s > kSilentIntervals * policy.attestation_interval_s;
}

std::int64_t last_attested(const KnownHost& known) {
    if (known.boot_clock) return known.boot_clock->newest.not_after;
    // Bundles of before there were boot clocks do not say when.
    if (known.last_clock_ms != 0 || known.journal_sequence != 0) return 0;
    return std::max(known.enrolled_at, known.replaced ? known.replaced->at : 0);
}

std::string length_text(std::int64_t seconds) {
    constexpr std::int64_t kMinute = 60;
    constexpr std::int64_t kHour = 3600;
    constexpr std::int64_t kDay = 86'400;
    if (seconds >= kDay) return fmt::format("{} d {} h", seconds / kDay, seconds % kDay / kHour);
    if (seconds >= kHour) return fmt::format("{} h {} min", seconds / kHour, seconds % kHour / kMinute);
    if (seconds >= 2 * kMinute) return fmt::format("{} min", seconds / kMinute);
    return fmt::format("{} s", seconds);
}

Finding silent_finding(const Policy& policy, std::int64_t last_s, bool ever_attested, std::int64_t now_s) {
    std::vector<Finding> findings;
    Judge(findings).report(
        findings::host_silent, Tier::warning, Basis::self_reported,
        {.subject = "attestation",
         .expected = fmt::format("one every {}", length_text(policy.attestation_interval_s)),
         .actual =
             fmt::format("none for {}: {} {}", length_text(now_s - last_s),
                         ever_attested ? "the last at" : "never since it was enrolled at", utc_text(last_s)),
         .evidence = "the verifier's results"});
    return findings.front();
}

}  // namespace assay::judge
