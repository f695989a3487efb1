#include <algorithm>

#include <catch2/catch.hpp>

#include "tests/support/appraisal/evidence_builder.h"

using namespace assay;
using namespace assay::test;

namespace {

AttestationResult appraised(const EvidenceBuilder& builder) {
    auto copy = builder;
    return copy.build().appraise().result;
}

Tier tier_of(const AttestationResult& result, std::string_view check) {
    const auto found = std::ranges::find(result.checks, check, &CheckOutcome::check);
    return found == result.checks.end() ? Tier::none : found->tier;
}

/// A system with a serial number, in a chassis with its own (SMBIOS 7.4: type, height and so on follow).
SmbiosSection in_a_chassis(const std::string& serial) {
    ByteWriter system;
    system.u8(1).u8(2).u8(0).u8(3).bytes(Bytes(16)).u8(6).u8(0).u8(0);
    ByteWriter chassis;
    chassis.u8(1).u8(0x17).u8(2).u8(serial.empty() ? 0 : 3).u8(0).bytes(Bytes(4)).bytes(Bytes(8));
    const auto case_structure =
        serial.empty() ? build::smbios_structure(3, 3, chassis.view(), {"Good Systems", "1"})
                       : build::smbios_structure(3, 3, chassis.view(), {"Good Systems", "1", serial});
    const auto table =
        build::joined({build::smbios_structure(1, 1, system.view(), {"Good Systems", "Server 1", "SN-1"}),
                       case_structure, build::smbios_end()});
    return {build::smbios_entry_point_3(static_cast<std::uint32_t>(table.size())), table};
}

EvidenceBuilder host_in(const std::string& chassis, const std::string& registered) {
    EvidenceBuilder builder;
    builder.known.chassis_serial = registered;
    builder.before_manifest = [chassis](AppraisalCase& made) {
        made.bundle.evidence.sections[std::string(section::kSmbios)] =
            encode_smbios_section(in_a_chassis(chassis));
    };
    return builder;
}

}  // namespace

TEST_CASE(
    "whose labels chose the policy is told, and a purchase line's site that no administrator said is a "
    "finding") {
    constexpr auto kCheck = "policy_is_chosen_by_its_owner";
    EvidenceBuilder builder;
    CHECK(tier_of(appraised(builder), kCheck) == Tier::none);
    builder.known.policy_by = "site=ber2 by ada, 2026-11-30 09:00:00Z";
    builder.known.site = "ber2";
    CHECK(tier_of(appraised(builder), kCheck) == Tier::affirming);
    CHECK(appraised(builder).policy_choice == builder.known.policy_by);
    CHECK(find_finding(appraised(builder), "policy.site_unconfirmed") == nullptr);
    builder.known.purchase_site = PurchaseSite{"fra1", "otto", 1'800'000'000};
    const auto result = appraised(builder);
    CHECK(tier_of(result, kCheck) == Tier::warning);
    const auto* found = find_finding(result, "policy.site_unconfirmed");
    REQUIRE(found != nullptr);
    CHECK(found->expected == "the site fra1 of its purchase line as a label by an administrator");
    CHECK(found->actual == "the word of otto alone, 2027-01-15 08:00:00Z; the label is ber2");
    builder.known.site.reset();
    builder.known.policy_by.reset();
    const auto bare = appraised(builder);
    CHECK(find_finding(bare, "policy.site_unconfirmed")->actual ==
          "the word of otto alone, 2027-01-15 08:00:00Z; no label");
}

TEST_CASE(
    "the registered chassis serial is compared with the chassis, and where that has none with the system") {
    constexpr auto kCheck = "chassis_is_as_registered";
    CHECK(tier_of(appraised(host_in("CZ-7", "CZ-7")), kCheck) == Tier::affirming);
    CHECK(tier_of(appraised(host_in("", "SN-1")), kCheck) == Tier::affirming);
    CHECK(tier_of(appraised(host_in("CZ-7", "SN-1")), kCheck) == Tier::contraindicated);
    CHECK(tier_of(appraised(EvidenceBuilder()), kCheck) == Tier::none);
    const auto result = appraised(host_in("CZ-8", "CZ-7"));
    CHECK(result.tier == Tier::contraindicated);
    const auto* found = find_finding(result, "chassis.serial");
    REQUIRE(found != nullptr);
    CHECK(found->expected == "serial number 'CZ-7'");
    CHECK(found->actual == "serial number 'CZ-8'");
    CHECK(found->evidence == "smbios: handle 0x0003");
    CHECK(found->basis == Basis::bound);
}

TEST_CASE("a registered chassis whose host shows no SMBIOS tables is never affirmed") {
    EvidenceBuilder builder;
    builder.known.chassis_serial = "CZ-7";
    builder.left_out[std::string(section::kSmbios)] = true;
    const auto result = appraised(builder);
    CHECK(tier_of(result, "chassis_is_as_registered") == Tier::none);
    CHECK(result.tier != Tier::affirming);
}

TEST_CASE("an exchanged TPM is a warning with its reason for seven days") {
    EvidenceBuilder builder;
    builder.known.replaced =
        ReplacedTpm{kNow - 3600, "otto", "WO-1017: board\x1b[31m exchanged", std::string(64, 'a')};
    const auto result = appraised(builder);
    CHECK(result.tier == Tier::warning);
    const auto* found = find_finding(result, "identity.replaced");
    REQUIRE(found != nullptr);
    CHECK(found->actual.find("by order of otto: WO-1017: board") != std::string::npos);
    CHECK(found->actual.find('\x1b') == std::string::npos);
    CHECK(found->expected.find(std::string(64, 'a')) != std::string::npos);
    builder.known.replaced->at = kNow - 7 * 24 * 3600;
    CHECK(appraised(builder).tier == Tier::affirming);
    builder.known.replaced->at = kNow - 7 * 24 * 3600 + 1;
    CHECK(appraised(builder).tier == Tier::warning);
}

TEST_CASE("a decision for one site counts for the hosts that are registered there, and for no other") {
    auto sources = test_vendor_sources();
    sources.decisions.front().text +=
        "[[decisions]]\nentities = [\"good\"]\nsite = \"berlin\"\ndecision = \"deny\"\nreason = \"not "
        "here\"\n"
        "approver = \"test\"\nfrom = 2024-01-01\n";
    const auto vendors = vendors::load(sources);
    REQUIRE(vendors);
    const auto tier_at = [&](const std::optional<std::string>& site) {
        EvidenceBuilder builder;
        builder.known.site = site;
        auto made = builder.build();
        made.vendors = &*vendors;
        return made.appraise().result.tier;
    };
    CHECK(tier_at("berlin") == Tier::contraindicated);
    CHECK(tier_at("hamburg") == Tier::affirming);
    CHECK(tier_at(std::nullopt) == Tier::affirming);
}
