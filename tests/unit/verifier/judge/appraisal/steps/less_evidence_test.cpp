#include "tests/support/appraisal/less_evidence.h"

#include <catch2/catch.hpp>

#include "tests/support/appraisal/baseline_builder.h"
#include "tests/support/appraisal/reference_builder.h"

// Whoever shows less is never better off: everything in turn, no sample.
using namespace assay;
using namespace assay::judge;
using namespace assay::test;

namespace {

/// The host's own evidence, and then without each thing in turn, by what `prepare` sets of the verifier.
void check_all(
    const EvidenceBuilder& host, Tier honest,
    const std::function<void(AppraisalCase&)>& prepare = [](AppraisalCase&) {}) {
    auto whole = EvidenceBuilder(host).build();
    prepare(whole);
    const auto before = whole.appraise().result;
    for (const auto& finding : before.findings) UNSCOPED_INFO(finding.id << ": " << finding.actual);
    REQUIRE(before.tier == honest);
    const auto anchor = true_anchor(host);
    const auto all = all_that_can_be_left_out(host);
    CHECK(all.size() > 150);
    for (const auto& each : all) {
        auto less = evidence_without(each, host, anchor);
        prepare(less);
        const auto better = better_words(before, less.appraise().result);
        if (!better.empty()) FAIL_CHECK(each.what << ": " << better);
    }
}

vendors::VendorDb with_reference() {
    auto sources = test_vendor_sources();
    const std::vector<vendors::ReferenceSet> sets{captured(EvidenceBuilder(), {0, 2, 4, 7})};
    sources.references = {{"references/test.toml", vendors::to_toml(sets)}};
    return vendors::load(sources).value();
}

}  // namespace

TEST_CASE("nothing that an honest host leaves out makes its evidence better") {
    check_all(EvidenceBuilder(), Tier::affirming);
}

TEST_CASE("nothing that a host without IMA leaves out makes its evidence better") {
    EvidenceBuilder host;
    host.with_ima = false;
    check_all(host, Tier::affirming);
}

TEST_CASE("a host whose journal has accompanied events cannot better itself by leaving one out") {
    EvidenceBuilder host;
    host.journal.push_back(host.event(DeviceEventKind::insert));
    host.journal.push_back(host.event(DeviceEventKind::remove));
    host.journal.push_back(host.event(DeviceEventKind::insert));
    host.sessions = {host.session()};
    check_all(host, Tier::affirming);
}

TEST_CASE("a host with an unaccompanied event is not made good by leaving anything out") {
    EvidenceBuilder host;
    host.journal.push_back(host.event(DeviceEventKind::insert));
    REQUIRE(EvidenceBuilder(host).build().appraise().result.tier == Tier::contraindicated);
    const auto anchor = true_anchor(host);
    for (const auto& each : all_that_can_be_left_out(host)) {
        const auto after = evidence_without(each, host, anchor).appraise().result;
        // Of an event that is not shown nobody knows that it was worse than no journal is.
        if (after.tier == Tier::affirming || after.tier == Tier::warning)
            FAIL_CHECK(each.what << ": " << to_string(after.tier));
    }
}

TEST_CASE("a host that tells of gaps cannot better itself by not telling") {
    EvidenceBuilder host;
    host.gaps.push_back({std::string(section::kKernel), "/sys/kernel", "denied", "permission"});
    const auto before = host.build().appraise().result.tier;
    check_all(host, before);
}

TEST_CASE("with a baseline nothing that a host leaves out makes its evidence better") {
    const auto vendors = with_baselines({bmc_baseline()});
    EvidenceBuilder host;
    check_all(host, host.build().appraise().result.tier,
              [&](AppraisalCase& made) { made.vendors = &vendors; });
}

TEST_CASE("with a reference nothing that a host leaves out makes its evidence better") {
    const auto vendors = with_reference();
    check_all(EvidenceBuilder(), Tier::affirming, [&](AppraisalCase& made) { made.vendors = &vendors; });
}

TEST_CASE("with a delivery nothing that a host leaves out makes its evidence better") {
    // As the parts of honest evidence are.
    Delivery delivery;
    const auto honest = EvidenceBuilder().build().appraise();
    REQUIRE(honest.components);
    for (const auto& part : *honest.components) {
        if (part.serial.empty()) continue;
        DeliveredPart delivered;
        delivered.kind = std::string(vendors::to_string(part.kind));
        delivered.model = part.model;
        delivered.serial = part.serial;
        delivery.parts.push_back(std::move(delivered));
    }
    REQUIRE(delivery.parts.size() >= 3);
    const auto prepare = [&](AppraisalCase& made) { made.bundle.known_host.delivery = delivery; };
    auto whole = EvidenceBuilder().build();
    prepare(whole);
    check_all(EvidenceBuilder(), whole.appraise().result.tier, prepare);
}

TEST_CASE("nothing that the TPM certified of the journal can be left out for the better") {
    EvidenceBuilder host;
    host.journal.push_back(host.event(DeviceEventKind::insert));
    host.sessions = {host.session()};
    const auto whole = host.build();
    const auto before = whole.appraise().result;
    REQUIRE(before.tier == Tier::affirming);
    const auto check = [&](const char* what, const std::function<void(Evidence&)>& leave_out) {
        auto less = whole;
        leave_out(less.bundle.evidence);
        const auto after = less.appraise().result;
        INFO(what);
        CHECK(better_words(before, after) == "");
        CHECK(after.tier != Tier::affirming);
    };
    check("all", [](Evidence& evidence) { evidence.journal_proof.reset(); });
    for (const auto member : {&JournalProof::value_attest, &JournalProof::value_signature,
                              &JournalProof::counter_attest, &JournalProof::counter_signature}) {
        check("one", [&](Evidence& evidence) { ((*evidence.journal_proof).*member).clear(); });
    }
}
