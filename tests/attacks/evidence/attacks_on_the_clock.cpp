// Time: the TPM's clock and counters against what is known of them.
#include "tests/attacks/attack.h"

using namespace assay;
using namespace assay::test;

namespace {

/// The host attested an hour ago for the first time in this boot, and a minute ago for the last time.
void attested_before(EvidenceBuilder& host) {
    host.known.last_clock_ms = 4'940'000;
    host.known.boot_clock = BootClock{
        7, 1, std::string(kBootId), {1'400'000, kNow - 3605, kNow - 3600}, {4'940'000, kNow - 65, kNow - 60}};
}

}  // namespace

ATTACK(
    "clock: a quote of an hour ago", "shows a quote that the TPM made before the newest known one",
    "clock.back",
    [](EvidenceBuilder& host) {
        attested_before(host);
        host.clock.clock_ms = 1'400'000;
    },
    untouched)
ATTACK(
    "clock: one millisecond back", "shows a quote that is older than the newest by a millisecond",
    "clock.back",
    [](EvidenceBuilder& host) {
        attested_before(host);
        host.clock.clock_ms = 4'939'999;
    },
    untouched)
ATTACK(
    "clock: restart count back", "restores the TPM's state of before the last suspend", "clock.back",
    [](EvidenceBuilder& host) { host.clock.restart_count = 0; }, untouched)
ATTACK(
    "clock: reset count back", "shows a quote from before the last boot", "clock.reset_count_back",
    [](EvidenceBuilder& host) { host.clock.reset_count = 6; }, untouched)
ATTACK(
    "clock: reset count back, clock ahead", "restores a copy of the TPM's state and lets it run on",
    "clock.reset_count_back",
    [](EvidenceBuilder& host) {
        host.clock.reset_count = 6;
        host.clock.clock_ms = 50'000'000;
    },
    untouched)
ATTACK(
    "clock: cleared TPM", "clears the TPM, so that all counters begin at zero", "clock.reset_count_back",
    [](EvidenceBuilder& host) {
        host.clock = {.clock_ms = 0, .reset_count = 0, .restart_count = 0, .safe = true};
    },
    untouched)
ATTACK(
    "clock: next boot, clock back and said to be safe", "boots a copy of the TPM's state", "clock.back",
    [](EvidenceBuilder& host) {
        host.clock.reset_count = 8;
        host.clock.clock_ms = 3'000'000;
    },
    untouched)
ATTACK(
    "clock: not safe", "cuts the power without a shutdown of the TPM", "clock.unsafe",
    [](EvidenceBuilder& host) { host.clock.safe = false; }, untouched, Tier::warning)
ATTACK(
    "clock: reset under a running kernel", "pulls the TPM's reset line and measures what it likes",
    "clock.reset_without_boot",
    [](EvidenceBuilder& host) {
        attested_before(host);
        host.clock.reset_count = 8;
        host.clock.restart_count = 0;
    },
    untouched)
ATTACK(
    "clock: suspend that lost the TPM's state", "suspends the host and wakes it with a TPM that was reset",
    "clock.reset_without_boot",
    [](EvidenceBuilder& host) {
        attested_before(host);
        host.clock.reset_count = 9;
    },
    untouched)
ATTACK(
    "clock: kexec", "starts another kernel without a reset", "clock.boot_without_reset",
    [](EvidenceBuilder& host) {
        attested_before(host);
        host.known.boot_clock->boot_id = "99999999-2222-3333-4444-555555555555";
    },
    untouched, Tier::warning)
ATTACK(
    "clock: stands still", "stops the TPM's clock between two quotes", "clock.drift",
    [](EvidenceBuilder& host) {
        attested_before(host);
        host.clock.clock_ms = 4'940'001;
        host.known.boot_clock->first.not_before -= 7200;
        host.known.boot_clock->first.not_after -= 7200;
    },
    untouched, Tier::warning)
ATTACK(
    "clock: runs ahead", "lets the TPM's clock run at twice the rate", "clock.drift",
    [](EvidenceBuilder& host) {
        attested_before(host);
        host.clock.clock_ms = 8'600'000;
    },
    untouched, Tier::warning)
ATTACK(
    "clock: far in the future", "shows a clock near the end of 64 bits", "clock.drift",
    [](EvidenceBuilder& host) {
        attested_before(host);
        host.clock.clock_ms = 0xffff'ffff'ffff'ff00;
    },
    untouched, Tier::warning)

namespace {

Outcome judged(void (*change)(EvidenceBuilder&)) {
    EvidenceBuilder host;
    change(host);
    return outcome_of(host.build().appraise().result);
}

}  // namespace

// Twins that are no attacks, each next to one that is.
TEST_CASE("a host that attests again in one boot, suspends, reboots or loses nothing is affirming") {
    CHECK(judged(attested_before).passes);
    CHECK(judged([](EvidenceBuilder& host) {  // a suspend: the TPM's clock may have stood still
              attested_before(host);
              host.clock.restart_count = 2;
              host.clock.clock_ms = 4'940'001;
          })
              .passes);
    CHECK(judged([](EvidenceBuilder& host) {  // a reboot
              attested_before(host);
              host.known.boot_clock->boot_id = "99999999-2222-3333-4444-555555555555";
              host.clock.reset_count = 8;
              host.clock.restart_count = 0;
          })
              .passes);
    CHECK(judged([](EvidenceBuilder& host) {  // a tenth too fast
              attested_before(host);
              host.clock.clock_ms = 5'360'000;
          })
              .passes);
}
