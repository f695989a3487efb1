#include <algorithm>

#include <catch2/catch.hpp>

#include "tests/support/appraisal/evidence_builder.h"

using namespace assay;
using namespace assay::test;

namespace {

constexpr std::int64_t kExpires = kNow + 1000;

vendors::VendorDb edition() {
    const vendors::Edition from{
        .version = 7, .issued = kNow - 1000, .expires = kExpires, .digest = sha256(as_view("bundle"))};
    auto loaded = vendors::load(test_vendor_sources(), from);
    require(loaded.has_value(), loaded ? "" : describe(loaded.error()).c_str());
    return std::move(*loaded);
}

AttestationResult appraised_at(const vendors::VendorDb& vendors, std::int64_t now) {
    EvidenceBuilder builder;
    auto made = builder.build();
    made.vendors = &vendors;
    made.bundle.challenge.expires_at = now + 1;
    made.now = now;
    return made.appraise().result;
}

}  // namespace

TEST_CASE(
    "vendor data that expires while the verifier serves is a warning in every result, from that second on") {
    const auto vendors = edition();
    const auto before = appraised_at(vendors, kExpires - 1);
    CHECK(before.tier == Tier::affirming);
    const auto after = appraised_at(vendors, kExpires);
    CHECK(after.tier == Tier::warning);
    REQUIRE(after.findings.size() == 1);
    const auto& found = after.findings.front();
    CHECK(found.id == "vendors.expired");
    CHECK(found.subject == "vendor data version 7");
    CHECK(found.evidence == "vendor bundle " + sha256(as_view("bundle")).hex());
    CHECK_FALSE(found.remedy.empty());
}

TEST_CASE("a result names the bundle that it was judged by, and files by what they say") {
    const auto vendors = edition();
    CHECK(appraised_at(vendors, kNow).inputs.at("vendors") == sha256(as_view("bundle")).hex());
    CHECK(EvidenceBuilder().build().appraise().result.inputs.at("vendors") == test_vendors().digest().hex());
}
