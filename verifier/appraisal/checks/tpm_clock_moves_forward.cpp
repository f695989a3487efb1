#include <fmt/core.h>

#include "verifier/appraisal/examined.h"

namespace assay {
namespace {

// TPM 2.0 Part 1, 36.3: the clock only moves forward, except that after a reset without a shutdown it may
// repeat from its last stored value, and then `safe` is NO until it has passed what it may have been.
void judge_clock(const Examined& examined, Judge& judge) {
    const auto& quote = examined.authentication.unverified;
    if (!quote) return judge.nothing_to_judge("there is no quote to read a clock from");
    const auto basis = examined.authentication.verified ? Basis::quoted : Basis::self_reported;
    const auto& known = examined.inputs.known_host;
    const auto& clock = quote->clock_info;
    judge.holds(basis, fmt::format("clock {} ms, reset {}, restart {}", clock.clock_ms, clock.reset_count,
                                   clock.restart_count));

    const auto finds = [&](const FindingKind& kind, Tier tier, std::string subject, std::string expected,
                           std::string actual) {
        judge.finds(kind, tier, basis,
                    {.subject = std::move(subject),
                     .expected = std::move(expected),
                     .actual = std::move(actual),
                     .evidence = "quote: clockInfo"});
    };
    const auto at_least = [](auto value) { return fmt::format("at least {}", value); };
    const auto text = [](auto value) { return fmt::format("{}", value); };
    if (clock.reset_count < known.last_reset_count) {
        finds(findings::clock_reset_count_back, Tier::contraindicated, "TPM reset count",
              at_least(known.last_reset_count), text(clock.reset_count));
    }
    const bool same_boot = clock.reset_count == known.last_reset_count;
    if (same_boot && clock.restart_count < known.last_restart_count) {
        finds(findings::clock_back, Tier::contraindicated, "TPM restart count",
              at_least(known.last_restart_count), text(clock.restart_count));
    }
    if (clock.clock_ms < known.last_clock_ms && (same_boot || clock.safe)) {
        finds(findings::clock_back, Tier::contraindicated, "TPM clock, ms", at_least(known.last_clock_ms),
              text(clock.clock_ms));
    }
    if (!clock.safe) {
        finds(findings::clock_unsafe, Tier::warning, "TPM clock", "safe", "not safe");
    }
}

}  // namespace

const Check checks::tpm_clock_moves_forward{
    .claim = TrustClaim::instance_identity, .required = true, .judge = judge_clock};

}  // namespace assay
