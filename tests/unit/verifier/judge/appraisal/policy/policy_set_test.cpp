#include "verifier/judge/appraisal/policy/policy_set.h"

#include <fstream>
#include <iterator>

#include <catch2/catch.hpp>

#include "tests/support/appraisal/evidence_builder.h"
#include "tests/support/machine/text.h"
#include "verifier/judge/appraisal/checks/check.h"

using namespace assay;
using namespace assay::judge;
using namespace assay::test;

namespace {

std::string policy(const std::string& name, const std::string& rest = "") {
    return "name = \"" + name +
           "\"\nversion = 1\nrequired_sections = [\"pcrs\"]\npcr_selection = \"sha256:0,7\"\n"
           "challenge_lifetime_s = 120\nsecure_boot_required = true\nek_certificate_required = true\n" +
           rest;
}
using Files = std::vector<std::pair<std::string, std::string>>;

std::string set_refusal(const Files& files) {
    const auto set = PolicySet::from_toml(files);
    return set ? "none" : describe(set.error());
}
Policy one(const std::string& rest) {
    const auto read = Policy::from_toml("p.toml", policy("p", rest));
    require(read.has_value(), read ? "" : describe(read.error()).c_str());
    return *read;
}
std::string shipped(const std::string& name) {
    std::ifstream file(ASSAY_SOURCE_DIR "/verifier/policies/" + name, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

TEST_CASE("a host is judged by the policy that selects it by most labels, else by the one for all") {
    const auto set =
        PolicySet::from_toml({{"a.toml", policy("databases", "[select]\nrole = [\"database\"]\n")},
                              {"b.toml", policy("all")},
                              {"c.toml", policy("databases in fra",
                                                "[select]\nrole = [\"database\", "
                                                "\"ledger\"]\nsite = [\"fra1\"]\n")}});
    REQUIRE(set);
    CHECK(set->of({}).name == "all");
    CHECK(set->of({{"role", "web"}}).name == "all");
    CHECK(set->of({{"role", "database"}, {"site", "ams1"}}).name == "databases");
    CHECK(set->of({{"role", "database"}, {"site", "fra1"}, {"rack", "7"}}).name == "databases in fra");
    CHECK(set->of({{"role", "ledger"}}).name == "all");
    CHECK(set->all().front().name == "all");
}

TEST_CASE("policies that contradict each other are refused with file and line") {
    const auto by = [](const std::string& name, const std::string& label) {
        return policy(name, "[select]\n" + label + "\n");
    };
    CHECK(set_refusal({{"a.toml", policy("all")}}) == "none");
    CHECK(has(set_refusal({{"a.toml", policy("one")}, {"b.toml", policy("two")}}), "both for every host"));
    CHECK(has(set_refusal({{"a.toml", policy("same")}, {"b.toml", by("same", "role = [\"x\"]")}}),
              "a second policy"));
    CHECK(has(set_refusal({{"a.toml", by("x", "role = [\"x\"]")}}), "no policy without [select]"));
    const auto both = set_refusal({{"a.toml", policy("all")},
                                   {"b.toml", by("x", "role = [\"x\", \"y\"]")},
                                   {"c.toml", by("y", "role = [\"y\"]")}});
    CHECK(has(both, "could select the same host"));
    CHECK(has(both, "c.toml:"));
    CHECK(has(both, "b.toml:"));
    // Different labels of equal number can meet on one host; different values of one label cannot.
    CHECK(has(set_refusal({{"a.toml", policy("all")},
                           {"b.toml", by("x", "role = [\"x\"]")},
                           {"c.toml", by("y", "site = [\"y\"]")}}),
              "could select the same host"));
    CHECK(set_refusal({{"a.toml", policy("all")},
                       {"b.toml", by("x", "role = [\"x\"]")},
                       {"c.toml", by("y", "role = [\"y\"]")}}) == "none");
    CHECK(has(set_refusal({{"a.toml", by("x", "Role = [\"x\"]")}}), "no name of a label"));
    CHECK(has(set_refusal({{"a.toml", by("x", "")}}), "names no label"));
}

TEST_CASE("an owner's tier weighs a finding, and no other") {
    auto host = EvidenceBuilder();
    host.log.find(7, tcg::EV_EFI_VARIABLE_DRIVER_CONFIG).data =
        efi_variable("SecureBoot", Bytes{std::byte{0}});
    host.log.find(7, tcg::EV_EFI_VARIABLE_DRIVER_CONFIG).measured =
        efi_variable("SecureBoot", Bytes{std::byte{0}});
    host.cpu_maker = "Denied Parts";
    auto made = host.build();
    const auto tier_of = [&](const std::string& id) {
        for (const auto& finding : made.appraise().result.findings) {
            if (finding.id == id) return std::string(to_string(finding.tier));
        }
        return std::string("no finding");
    };
    CHECK(tier_of("secure_boot.disabled") == "contraindicated");
    made.policy.tiers = one("[tiers]\n\"secure_boot.disabled\" = \"warning\"\n").tiers;
    CHECK(tier_of("secure_boot.disabled") == "warning");
    CHECK(tier_of("vendor.unapproved") == "contraindicated");
    CHECK(made.appraise().result.tier == Tier::contraindicated);
    made.policy.tiers = one("[tiers]\n\"*\" = \"warning\"\n").tiers;
    CHECK(tier_of("vendor.unapproved") == "warning");
    CHECK(made.appraise().result.tier == Tier::warning);
}

TEST_CASE("what says whether the evidence is the host's own keeps its weight under every policy") {
    auto made = EvidenceBuilder().build();
    made.policy.tiers = one("[tiers]\n\"*\" = \"warning\"\n").tiers;
    made.bundle.evidence.signature.back() ^= std::byte{1};
    CHECK(made.appraise().result.tier == Tier::contraindicated);
    const auto refused = [](const std::string& line) {
        const auto read = Policy::from_toml("p.toml", policy("p", "[tiers]\n" + line + "\n"));
        return read ? std::string("none") : describe(read.error());
    };
    CHECK(has(refused("\"quote.nonce\" = \"warning\""), "p.toml:9"));
    CHECK(has(refused("\"journal.malformed\" = \"warning\""), "this host's own"));
    CHECK(has(refused("\"no.such\" = \"warning\""), "no finding has the id"));
    CHECK(has(refused("\"pcr.mismatch\" = \"affirming\""), "no tier of a finding"));
    CHECK(has(refused("\"*\" = \"contraindicated\""), "can only be"));
}

TEST_CASE("a clock and a journal that were refused are not remembered under a policy that only observes") {
    auto host = EvidenceBuilder();
    host.clock.clock_ms = 1000;  // before the last one
    auto made = host.build();
    made.policy.tiers.observe = true;
    CHECK_FALSE(made.appraise().next.authentic);
}

TEST_CASE("the shipped policies load together, and say what they are for") {
    const Files files{{"default.toml", shipped("default.toml")},
                      {"provisioning.toml", shipped("provisioning.toml")}};
    const auto set = PolicySet::from_toml(files);
    REQUIRE(set);
    CHECK(set->of({{"stage", "provisioning"}}).name == "provisioning");
    const auto strict = Policy::from_toml("strict.toml", shipped("strict.toml"));
    REQUIRE(strict);
    CHECK(strict->required_checks.contains("boot_chain_is_as_referenced"));
    const auto observe = Policy::from_toml("observe.toml", shipped("observe.toml"));
    REQUIRE(observe);
    CHECK(observe->tiers.observe);
}

TEST_CASE("each shipped policy requires what a check says is required, or switches it off by name") {
    for (const auto* name : {"default.toml", "observe.toml", "provisioning.toml", "strict.toml"}) {
        const auto policy = Policy::from_toml(name, shipped(name));
        INFO(name << ": " << (policy ? "" : describe(policy.error())));
        REQUIRE(policy);
        for (const auto& check : all_checks()) {
            INFO(check.name);
            const std::string each(check.name);
            CHECK((!check.check->required || policy->required_checks.contains(each) ||
                   policy->disabled_checks.contains(each)));
        }
        CHECK(policy->system_maker_required == (std::string_view(name) != "observe.toml"));
        CHECK(policy->without.empty());
    }
}

TEST_CASE("an honest host without references is affirmed by the default policy and not by the strict one") {
    auto made = EvidenceBuilder().build();
    CHECK(made.appraise().result.tier == Tier::affirming);
    made.policy = Policy::from_toml("strict.toml", shipped("strict.toml")).value();
    CHECK(made.appraise().result.tier == Tier::none);
}
