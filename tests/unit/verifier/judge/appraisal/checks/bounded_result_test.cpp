#include <algorithm>
#include <map>
#include <random>

#include <catch2/catch.hpp>

#include "tests/support/appraisal/overfull_host.h"
#include "tests/support/machine/small_stack.h"
#include "verifier/judge/appraisal/checks/capped_findings.h"
#include "verifier/judge/appraisal/steps/conclude.h"

using namespace assay;
using namespace assay::judge;
using namespace assay::test;

namespace {

constexpr std::array kTiers{Tier::none, Tier::affirming, Tier::warning, Tier::contraindicated};
constexpr std::array kBases{Basis::endorsed, Basis::quoted, Basis::bound, Basis::self_reported};

Finding finding(std::string id, Tier tier, std::size_t number, Basis basis = Basis::bound) {
    return {std::move(id), tier, basis, fmt::format("drive {}", number), "a", "b", "c", "d"};
}

std::vector<Finding> of(const std::vector<Finding>& all, std::string_view id) {
    std::vector<Finding> out;
    std::ranges::copy_if(all, std::back_inserter(out), [&](const Finding& each) { return each.id == id; });
    return out;
}

bool stands_for_others(const Finding& finding) {
    return finding.actual == "more than are named one by one";
}

// "drive and 968 more"
std::size_t others(const Finding& finding) {
    return std::stoul(finding.subject.substr(std::string("drive and ").size()));
}

// What one check found, at random: reported to a judge without a cap and to one with it.
struct Reported {
    const FindingKind* kind;
    Tier tier;
    Basis basis;
    std::size_t number;
    std::size_t more;  // reported as a number; 0: one by one
};

std::vector<Reported> random_check(std::mt19937& random) {
    std::vector<Reported> out(random() % 200);
    for (auto& each : out) {
        const auto worst = random() % 40 == 0 ? 4U : 1 + random() % 3;
        each = {finding_kinds()[random() % 4], kTiers.at(random() % worst), kBases.at(random() % 4),
                random() % 90, random() % 50 == 0 ? random() % 1000 : 0};
    }
    return out;
}

void report_all(Judge& judge, const std::vector<Reported>& all) {
    for (const auto& [kind, tier, basis, number, more] : all) {
        if (more > 0)
            judge.report_more(*kind, tier, basis, "drive", more);
        else
            judge.report(*kind, tier, basis, {.subject = fmt::format("drive {}", number)});
    }
}

CheckOutcome outcome_of(const Judge& judge, std::size_t claim) {
    return {"c", static_cast<TrustClaim>(claim), judge.tier(), judge.basis(), true, judge.summary()};
}

}  // namespace

TEST_CASE(
    "of one kind of finding 32 are named, the worst, in their order; one more says how many others there "
    "are") {
    CappedFindings findings;
    for (std::size_t i = 0; i < 1000; ++i)
        findings.add(finding("usb.unaccompanied", i % 50 == 49 ? Tier::contraindicated : Tier::warning, i));
    findings.add(finding("journal.gap", Tier::none, 0));
    const auto all = findings.list();
    REQUIRE(all.size() == 34);
    CHECK(all[33].id == "journal.gap");
    const auto& others_of_it = all[32];
    CHECK(others_of_it.id == "usb.unaccompanied");
    CHECK(others_of_it.subject == "drive and 968 more");
    CHECK(others_of_it.tier == Tier::warning);
    CHECK(others_of_it.basis == Basis::bound);
    CHECK_FALSE(others_of_it.remedy.empty());
    CHECK(std::ranges::count(all, Tier::contraindicated, &Finding::tier) == 20);
    CHECK(all[0].subject == "drive 0");
    CHECK(all[11].subject == "drive 11");
    CHECK(all[12].subject == "drive 49");
}

TEST_CASE("with 32 of a kind or fewer nothing is left out, and each is told once") {
    CappedFindings findings;
    std::vector<Finding> expected;
    for (std::size_t i = 0; i < 2 * kFindingsOfAKind; ++i)
        expected.push_back(finding(i % 2 == 0 ? "a" : "b", kTiers.at(i % 4), i));
    for (int twice = 0; twice < 2; ++twice)
        for (const auto& each : expected) findings.add(each);
    CHECK(findings.list() == expected);
}

TEST_CASE("two hosts with the same fault stay in one group, however many findings were left out") {
    const auto others_of = [](std::size_t count) {
        CappedFindings findings;
        for (std::size_t i = 0; i < count; ++i) findings.add(finding("x", Tier::warning, i));
        return findings.list().back();
    };
    REQUIRE(others_of(100) != others_of(200));
    CHECK(finding_group_key(others_of(100)) == finding_group_key(others_of(200)));
}

TEST_CASE("property: tiers, claims and numbers come out as without the cap") {
    for (std::uint32_t seed = 0; seed < 60; ++seed) {
        std::mt19937 random(seed);
        INFO("seed " << seed);
        std::vector<Finding> plain;
        CappedFindings capped;
        Judgement without, with;
        for (std::size_t check = 0; check < 6; ++check) {
            const auto found = random_check(random);
            Judge one(plain);
            Judge other(capped);
            report_all(one, found);
            report_all(other, found);
            without.outcomes.push_back(outcome_of(one, check % 4));
            with.outcomes.push_back(outcome_of(other, check % 4));
        }
        with.findings = capped.list();
        AttestationResult expected, result;
        conclude(without, expected);
        conclude(with, result);
        CHECK(result.tier == expected.tier);
        CHECK(result.claims == expected.claims);
        CHECK(result.checks == expected.checks);

        for (const auto* kind : finding_kinds()) {
            const auto all = of(plain, kind->id);
            const auto named = of(with.findings, kind->id);
            CHECK(named.size() <= kFindingsOfAKind + 1);
            CHECK(named.empty() == all.empty());
            if (all.empty()) continue;
            const auto tier_of = [](const std::vector<Finding>& findings) {
                auto out = findings.front().tier;
                for (const auto& each : findings) out = worst(out, each.tier);
                return out;
            };
            CHECK(tier_of(named) == tier_of(all));
            // Every finding is named, or not worse than any that is named.
            const auto count = [](const std::vector<Finding>& findings, Tier tier) {
                return std::ranges::count_if(findings, [tier](const Finding& each) {
                    return each.tier == tier && !stands_for_others(each);
                });
            };
            auto room = static_cast<std::ptrdiff_t>(kFindingsOfAKind);
            for (const auto tier : {Tier::contraindicated, Tier::none, Tier::warning, Tier::affirming}) {
                CHECK(count(named, tier) == std::min(room, count(all, tier)));
                room -= count(named, tier);
            }
            CHECK(std::ranges::count_if(named, stands_for_others) <= 1);
            if (stands_for_others(named.back())) CHECK(others(named.back()) > 0);
        }
    }
}

TEST_CASE("the number of those left out is the number of those found less those that are named") {
    for (const std::size_t found : {33U, 34U, 10'000U}) {
        CappedFindings findings;
        for (std::size_t i = 0; i < found; ++i) findings.add(finding("x", kTiers.at(i % 4), i));
        CHECK(others(findings.list().back()) == found - kFindingsOfAKind);
        LeftOut more;
        more.add(Tier::warning, Basis::bound, "drive", 7);
        findings.add_left_out("x", more);
        CHECK(others(findings.list().back()) == found - kFindingsOfAKind + 7);
    }
}

TEST_CASE(
    "property: whatever is found of every kind, in the longest texts, is below its bound and names each "
    "kind") {
    for (const std::size_t of_each : {1U, 40U}) {
        CappedFindings findings;
        Judge judge(findings);
        for (const auto* kind : finding_kinds()) {
            for (std::size_t i = 0; i < of_each; ++i) {
                const auto text = swollen(i, 5000);
                judge.report(*kind, kTiers.at(i % 4), Basis::bound, {text, text, text, text, text});
            }
        }
        const auto all = findings.list();
        AttestationResult result;
        result.findings = all;
        INFO(of_each << " of each: " << all.size() << " findings");
        CHECK(encode_attestation_result(result).size() < kFindingsSize + 1000);
        for (const auto* kind : finding_kinds()) {
            const auto named = of(all, kind->id);
            REQUIRE_FALSE(named.empty());
            const auto expected = of_each < 4 ? kTiers.at(0) : Tier::contraindicated;
            CHECK(std::ranges::any_of(named, [&](const Finding& each) { return each.tier == expected; }));
        }
    }
}

TEST_CASE("property: no evidence makes a result above its bound, and all of it runs on a stack of 256 KiB") {
    constexpr std::size_t kInsertions = 10'000;
    EvidenceBuilder builder;
    overfill(builder, kInsertions);
    const auto made = builder.build();
    AttestationResult result;
    std::size_t size = 0;
    on_small_stack([&] {
        result = made.appraise().result;
        size = encode_attestation_result(result).size();
    });
    INFO(size << " bytes, " << result.findings.size() << " findings");
    CHECK(size <= limits::kAttestationResult);
    CHECK(result.tier == Tier::contraindicated);
    const auto unaccompanied = of(result.findings, "usb.unaccompanied");
    REQUIRE(unaccompanied.size() == kFindingsOfAKind + 1);
    CHECK(unaccompanied.back().subject == fmt::format("USB and {} more", kInsertions - kFindingsOfAKind));
    CHECK(of(result.findings, "appraisal.internal_error").empty());
    CHECK(decode_attestation_result(encode_attestation_result(result)) == result);
}

TEST_CASE("a result that would be above its bound all the same is contraindicated, and takes nothing over") {
    Judgement judgement;
    judgement.outcomes.assign(
        1, {"c", TrustClaim::hardware, Tier::affirming, Basis::quoted, true, std::string(600, 'x')});
    AttestationResult honest;
    conclude(judgement, honest);
    REQUIRE(honest.tier == Tier::affirming);
    judgement.outcomes.assign(2000, judgement.outcomes.front());
    AttestationResult result;
    conclude(judgement, result);
    CHECK(result.tier == Tier::contraindicated);
    CHECK(result.checks.empty());
    CHECK(result.claims ==
          std::map<TrustClaim, Tier>{{TrustClaim::instance_identity, Tier::contraindicated}});
    REQUIRE(result.findings.size() == 1);
    CHECK(result.findings[0].id == "appraisal.internal_error");
    CHECK(encode_attestation_result(result).size() < 2000);
}
