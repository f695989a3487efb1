#include "verifier/judge/appraisal/facts/standing/silence.h"

#include <algorithm>

#include <catch2/catch.hpp>

#include "tests/support/appraisal/evidence_builder.h"

using namespace assay;
using namespace assay::judge;
using namespace assay::test;

namespace {

bool was_silent(EvidenceBuilder& host) {
    const auto result = host.build().appraise().result;
    return std::ranges::find(result.findings, "host.was_silent", &Finding::id) != result.findings.end();
}

BootClock last_quote(std::int64_t not_after) {
    const ClockPoint point{4'000'000, not_after - 1, not_after};
    return {7, 1, std::string(kBootId), point, point};
}

}  // namespace

TEST_CASE("silence is more than three intervals of the policy") {
    Policy policy;
    CHECK_FALSE(is_silence(policy, kNow, kNow + 900));
    CHECK(is_silence(policy, kNow, kNow + 901));
    CHECK_FALSE(is_silence(policy, kNow, kNow - 1));  // another copy's clock is ahead
    policy.attestation_interval_s = 3600;
    CHECK_FALSE(is_silence(policy, kNow, kNow + 901));
}

TEST_CASE("the attestation that ends a silence says from when to when it was, and is a warning") {
    EvidenceBuilder host;
    host.clock.clock_ms = 4'000'000 + 3'600'000;
    host.known.boot_clock = last_quote(kNow - 3600);
    const auto result = host.build().appraise().result;
    const auto found = std::ranges::find(result.findings, "host.was_silent", &Finding::id);
    REQUIRE(found != result.findings.end());
    CHECK(found->tier == Tier::warning);
    CHECK(found->actual.find("59 min") != std::string::npos);  // to the challenge, not to the answer
    CHECK(result.tier == Tier::warning);
}

TEST_CASE("a host that attests in time was not silent") {
    EvidenceBuilder host;
    host.clock.clock_ms = 4'000'000 + 300'000;
    host.known.boot_clock = last_quote(kNow - 300);
    CHECK_FALSE(was_silent(host));
}

TEST_CASE("before its first attestation a host counts from its enrolment, and from the exchange of its TPM") {
    KnownHost known;
    known.enrolled_at = kNow;
    CHECK(last_attested(known) == kNow);
    known.replaced = ReplacedTpm{kNow + 50, "otto", "WO-1", std::string(64, 'a')};
    CHECK(last_attested(known) == kNow + 50);
    known.boot_clock = last_quote(kNow + 70);
    CHECK(last_attested(known) == kNow + 70);
}

TEST_CASE("where nobody knows when a host attested before, no silence is claimed") {
    EvidenceBuilder host;  // attested before there were boot clocks
    CHECK_FALSE(was_silent(host));
}
