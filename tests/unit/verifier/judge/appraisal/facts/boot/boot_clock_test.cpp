#include "verifier/judge/appraisal/facts/boot/boot_clock.h"

#include <catch2/catch.hpp>

#include "tests/support/appraisal/evidence_builder.h"

using namespace assay;
using namespace assay::judge;
using namespace assay::test;

namespace {

constexpr std::int64_t kT = 1'790'000'000;
const std::string kBoot(kBootId);

tcg::ClockInfo at(std::uint64_t clock_ms, std::uint32_t resets = 7, std::uint32_t restarts = 1) {
    return {.clock_ms = clock_ms, .reset_count = resets, .restart_count = restarts, .safe = true};
}

/// Two quotes, an hour apart; each was answered within four seconds.
BootClock an_hour() {
    const auto first = next_boot_clock(std::nullopt, at(10'000), kBoot, kT, kT + 4);
    return next_boot_clock(first, at(3'610'000), kBoot, kT + 3600, kT + 3604);
}

}  // namespace

TEST_CASE("a quote was made after its challenge and before the end of the second in which it was judged") {
    const auto point = clock_point(at(10'000), kT, kT + 4);
    CHECK(point == ClockPoint{10'000, kT, kT + 5});
    const BootClock mapping{7, 1, kBoot, point, point};
    CHECK(verifier_time_of(mapping, 10'000) == TimeBounds{kT * 1000, (kT + 5) * 1000});
}

TEST_CASE("the mapping goes on in one stretch of one boot and begins anew in every other") {
    const auto hour = an_hour();
    CHECK(hour.first.tpm_ms == 10'000);
    CHECK(hour.newest.tpm_ms == 3'610'000);
    const auto begins_anew = [&](const tcg::ClockInfo& clock, const std::string& boot) {
        const auto next = next_boot_clock(hour, clock, boot, kT + 7200, kT + 7204);
        return next.first == next.newest && next.first.tpm_ms == clock.clock_ms;
    };
    CHECK_FALSE(begins_anew(at(7'210'000), kBoot));
    CHECK(begins_anew(at(7'210'000, 8), kBoot));
    CHECK(begins_anew(at(7'210'000, 7, 2), kBoot));
    CHECK(begins_anew(at(7'210'000), "another"));
    CHECK(begins_anew(at(3'610'001), kBoot));  // it stood still for an hour: nothing follows from before
}

TEST_CASE("a time between two quotes is bounded by both, and one at a quote by that one") {
    const auto mapping = an_hour();
    const auto middle = verifier_time_of(mapping, 1'810'000);
    REQUIRE(middle);
    CHECK(middle->earliest_ms <= (kT + 1800) * 1000);
    CHECK(middle->latest_ms >= (kT + 1800) * 1000);
    // Half an hour at a sixth either way, from both ends.
    CHECK(middle->latest_ms - middle->earliest_ms <= 2 * 460'000);
    const auto newest = verifier_time_of(mapping, 3'610'000);
    CHECK(newest == TimeBounds{(kT + 3600) * 1000, (kT + 3605) * 1000});
}

TEST_CASE(
    "the true time lies within the bounds for every clock that is within the rate, and bounds grow "
    "outwards") {
    const auto rate = GENERATE(-200, -100, 0, 100, 190);  // in a thousand, of the TPM's clock
    const auto tpm = [&](std::int64_t true_ms) {
        return static_cast<std::uint64_t>(50'000'000 + true_ms * (1000 + rate) / 1000);
    };
    const auto first = next_boot_clock(std::nullopt, at(tpm(2000)), kBoot, kT, kT + 4);
    const auto mapping = next_boot_clock(first, at(tpm(3'602'000)), kBoot, kT + 3600, kT + 3604);
    REQUIRE(mapping.first.tpm_ms == tpm(2000));
    std::int64_t width = 0;
    for (const std::int64_t true_ms : {3'602'000LL, 5'000'000LL, 9'000'000LL, 40'000'000LL}) {
        const auto bounds = verifier_time_of(mapping, tpm(true_ms));
        REQUIRE(bounds);
        CHECK(bounds->earliest_ms <= kT * 1000 + true_ms);
        CHECK(bounds->latest_ms >= kT * 1000 + true_ms);
        CHECK(bounds->latest_ms - bounds->earliest_ms >= width);
        width = bounds->latest_ms - bounds->earliest_ms;
    }
    for (const std::int64_t true_ms : {-9'000'000LL, 0LL, 1'000'000LL, 3'000'000LL}) {
        const auto bounds = verifier_time_of(mapping, tpm(true_ms));
        REQUIRE(bounds);
        CHECK(bounds->earliest_ms <= kT * 1000 + true_ms);
        CHECK(bounds->latest_ms >= kT * 1000 + true_ms);
    }
}

TEST_CASE("points that contradict each other give no time") {
    auto mapping = an_hour();
    mapping.newest.tpm_ms = mapping.first.tpm_ms + 1;
    CHECK_FALSE(verifier_time_of(mapping, mapping.first.tpm_ms));
}

TEST_CASE("a clock within its rate does not drift, and one beyond it does by what is beyond") {
    const auto first = clock_point(at(0), kT, kT + 4);
    const auto drift = [&](std::uint64_t tpm_ms) {
        return clock_drift_ms(first, clock_point(at(tpm_ms), kT + 1000, kT + 1004));
    };
    // 995 to 1005 seconds passed.
    CHECK(drift(1'000'000) == 0);
    CHECK(drift(796'000) == 0);  // 0.8 x 995
    CHECK(drift(795'000) < 0);
    CHECK(drift(1'206'000) == 0);  // 1.2 x 1005
    CHECK(drift(1'207'000) > 0);
    CHECK(drift(0) == -995'000);
}

TEST_CASE("no clock, however absurd, overflows") {
    const auto most = std::numeric_limits<std::int64_t>::max();
    const auto least = std::numeric_limits<std::int64_t>::min();
    const auto huge = std::numeric_limits<std::uint64_t>::max();
    for (const auto from : {least, std::int64_t{0}, most}) {
        const auto point = clock_point(at(huge), from, most);
        const BootClock mapping{7, 1, kBoot, {0, least, most}, point};
        for (const auto clock : {std::uint64_t{0}, std::uint64_t{1}, huge})
            (void)verifier_time_of(mapping, clock);
        (void)clock_drift_ms(mapping.first, mapping.newest);
        (void)clock_drift_ms(mapping.newest, mapping.first);
    }
}

TEST_CASE("an accepted quote moves the mapping that is known, and one that is refused does not") {
    EvidenceBuilder builder;
    const auto first = builder.build();
    const auto next = first.appraise().next.boot_clock;
    REQUIRE(next);
    CHECK(next->first == ClockPoint{5'000'000, kNow - 5, kNow + 1});
    CHECK(next->boot_id == kBootId);
    auto refused = builder.build();
    refused.bundle.known_host.boot_clock = next;
    refused.bundle.evidence.signature.back() ^= std::byte{1};
    CHECK(refused.appraise().next.boot_clock == next);
    CHECK_FALSE(refused.appraise().next.authentic);
}
