#include <catch2/catch.hpp>

#include "tests/support/appraisal/evidence_builder.h"

using namespace assay;
using namespace assay::test;

TEST_CASE("zeros behind a StartupLocality are told and keep no host from affirming; other bytes do") {
    EvidenceBuilder host;
    auto& start = host.log.events.front();
    REQUIRE(start.type == tcg::EV_NO_ACTION);
    CHECK_FALSE(has_finding(host.build().appraise().result, "log.quirk"));
    start.data.resize(50);
    const auto padded = host.build().appraise().result;
    const auto* quirk = find_finding(padded, "log.quirk");
    REQUIRE(quirk != nullptr);
    CHECK(quirk->actual.starts_with("padded-structure"));
    CHECK(quirk->tier == Tier::affirming);
    CHECK(padded.tier == Tier::affirming);
    start.data.back() = std::byte{1};
    const auto other = host.build().appraise().result;
    CHECK(has_finding(other, "log.problem"));
    CHECK(find_finding(other, "pcr.mismatch")->subject == "PCR 0 (sha256)");
    CHECK(other.tier == Tier::contraindicated);
}
