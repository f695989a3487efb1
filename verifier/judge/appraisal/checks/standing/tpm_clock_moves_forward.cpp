#include <fmt/core.h>

#include "evidence/base/text.h"
#include "verifier/judge/appraisal/facts/boot/boot_clock.h"
#include "verifier/judge/appraisal/steps/examined.h"

namespace assay::judge {
namespace {

// A reset of the TPM and a boot of the kernel come together. The boot id is the kernel's word under the
// quote; only together with the TPM's counters does it say something.
void judge_boot(const Examined& examined, const BootClock& before, const tcg::ClockInfo& clock,
                Judge& judge) {
    const auto& boot_id = examined.authentication.manifest->boot_id;
    const bool same_reset = clock.reset_count == before.reset_count;
    const bool same_boot = boot_id == before.boot_id;
    if (!same_reset && same_boot && clock.reset_count > before.reset_count) {
        judge.report(
            findings::clock_reset_without_boot, Tier::contraindicated, Basis::quoted,
            {.subject = "TPM reset",
             .expected = fmt::format("reset count {} in boot {}", before.reset_count, shown(boot_id)),
             .actual = fmt::format("reset count {} in the same boot", clock.reset_count),
             .evidence = "quote: clockInfo; manifest: boot_id"});
    }
    if (same_reset && !same_boot) {
        judge.report(findings::clock_boot_without_reset, Tier::warning, Basis::quoted,
                     {.subject = "boot",
                      .expected = fmt::format("boot {} as long as the reset count is {}",
                                              shown(before.boot_id), before.reset_count),
                      .actual = fmt::format("boot {}", shown(boot_id)),
                      .evidence = "quote: clockInfo; manifest: boot_id"});
    }
    if (!same_reset || !same_boot || clock.restart_count != before.restart_count) return;
    const auto point = clock_point(clock, examined.inputs.challenge.issued_at, examined.inputs.now);
    const auto drift = clock_drift_ms(before.first, point);
    if (drift == 0) return;
    const auto passed = elapsed_between(before.first, point);
    judge.report(
        findings::clock_drift, Tier::warning, Basis::quoted,
        {.subject = "TPM clock",
         .expected = fmt::format("{} to {} ms since {}, within {} in a thousand", passed.earliest_ms,
                                 passed.latest_ms, utc_text(before.first.not_before), kClockRatePermille),
         .actual = fmt::format("{} ms, {} ms too {}", point.tpm_ms - before.first.tpm_ms,
                               drift < 0 ? -drift : drift, drift < 0 ? "few" : "many"),
         .evidence = "quote: clockInfo; known host: boot_clock"});
}

// TPM 2.0 Part 1, 36.3: the clock only moves forward, except that after a reset without a shutdown it may
// repeat from its last stored value, and then `safe` is NO until it has passed what it may have been.
void judge_clock(const Examined& examined, Judge& judge) {
    const auto& quote = examined.authentication.unverified;
    if (!quote) return judge.no_answer(NoAnswer::cannot_tell, "there is no quote to read a clock from");
    const auto basis = examined.authentication.verified ? Basis::quoted : Basis::self_reported;
    const auto& known = examined.inputs.known_host;
    const auto& clock = quote->clock_info;
    judge.covered(basis, 1,
                  fmt::format("clock, reset {}, restart {}", clock.reset_count, clock.restart_count));

    const auto about = [&](std::string subject) {
        return judge.about(basis, std::move(subject), "quote: clockInfo");
    };
    const auto at_least = [](auto value) { return fmt::format("at least {}", value); };
    const auto text = [](auto value) { return fmt::format("{}", value); };
    if (clock.reset_count < known.last_reset_count) {
        about("TPM reset count")
            .report(findings::clock_reset_count_back, Tier::contraindicated, at_least(known.last_reset_count),
                    text(clock.reset_count));
    }
    const bool same_boot = clock.reset_count == known.last_reset_count;
    if (same_boot && clock.restart_count < known.last_restart_count) {
        about("TPM restart count")
            .report(findings::clock_back, Tier::contraindicated, at_least(known.last_restart_count),
                    text(clock.restart_count));
    }
    if (clock.clock_ms < known.last_clock_ms && (same_boot || clock.safe)) {
        about("TPM clock, ms")
            .report(findings::clock_back, Tier::contraindicated, at_least(known.last_clock_ms),
                    text(clock.clock_ms));
    }
    if (!clock.safe) {
        about("TPM clock").report(findings::clock_unsafe, Tier::warning, "safe", "not safe");
    }
    if (examined.authentication.verified && known.boot_clock)
        judge_boot(examined, *known.boot_clock, clock, judge);
}

}  // namespace

const Check checks::tpm_clock_moves_forward{
    .claim = TrustClaim::instance_identity, .required = true, .judge = judge_clock};

}  // namespace assay::judge
