#include "agent/usb/gap_rule.h"

#include <catch2/catch.hpp>

using namespace assay;
using namespace assay::agent;
using namespace std::chrono_literals;

namespace {
constexpr GapRule::Time kGapStart{};
}

TEST_CASE("what was lost is counted until a record of it is on disk, and begins where all was known") {
    GapRule gaps;
    CHECK_FALSE(gaps.open());
    gaps.all_known(60'000);
    gaps.lose(2);
    gaps.lose(1);
    for (int i = 0; i < 2; ++i) {  // asking is not writing
        const auto gap = gaps.open();
        REQUIRE(gap);
        CHECK(gap->kind == DeviceEventKind::gap);
        CHECK(gap->lost == 3);
        CHECK(gap->since_ms == 60'000);
    }
    gaps.close();
    CHECK_FALSE(gaps.open());
}

TEST_CASE("a loss whose size is not known is a gap of 0 events") {
    GapRule gaps;
    gaps.lose(0);
    REQUIRE(gaps.open());
    CHECK(gaps.open()->lost == 0);
}

TEST_CASE("an event that the kernel counted has ten seconds to come") {
    GapRule gaps;
    gaps.handled(1000);
    CHECK_FALSE(gaps.calls_for_look(1063, kGapStart));
    CHECK(gaps.next_due() == kGapStart + GapRule::kPatience);
    SECTION("it came") {
        gaps.handled(1063);
        CHECK_FALSE(gaps.calls_for_look(1063, kGapStart + 1s));
        CHECK_FALSE(gaps.next_due());
    }
    SECTION("it did not come, and is looked for once") {
        CHECK_FALSE(gaps.calls_for_look(1063, kGapStart + 9s));
        CHECK(gaps.calls_for_look(1063, kGapStart + 10s));
        CHECK_FALSE(gaps.next_due());
        CHECK_FALSE(gaps.calls_for_look(1063, kGapStart + 30s));
    }
    SECTION("what was counted meanwhile has its own ten seconds") {
        CHECK(gaps.calls_for_look(1070, kGapStart + 10s));
        CHECK(gaps.next_due() == kGapStart + 20s);
    }
}

TEST_CASE("while an event is awaited the time up to which all is known stands still") {
    GapRule gaps;
    gaps.all_known(60'000);
    CHECK_FALSE(gaps.calls_for_look(1, kGapStart));
    gaps.all_known(70'000);
    CHECK(gaps.good_until_ms() == 60'000);
    gaps.handled(1);
    CHECK_FALSE(gaps.calls_for_look(1, kGapStart + 1s));
    gaps.all_known(80'000);
    CHECK(gaps.good_until_ms() == 80'000);
}
