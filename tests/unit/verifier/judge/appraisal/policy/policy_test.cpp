#include "verifier/judge/appraisal/policy/policy.h"

#include <fstream>
#include <iterator>

#include <catch2/catch.hpp>

#include "evidence/wire/section/section_names.h"
#include "tests/support/machine/text.h"
#include "verifier/judge/appraisal/checks/check.h"

using namespace assay;
using namespace assay::judge;
using test::replaced;

namespace {

const std::string kValid =
    "name = \"p\"\nversion = 3\nrequired_sections = [\"pcrs\"]\npcr_selection = "
    "\"sha256:0,7\"\nchallenge_lifetime_s = 60\n"
    "secure_boot_required = true\nek_certificate_required = false\n";

std::string refusal(const std::string& text) {
    const auto policy = Policy::from_toml("p.toml", text);
    REQUIRE_FALSE(policy);
    return policy.error().context;
}

}  // namespace

TEST_CASE("the policy that is shipped is read, and requires what it says") {
    std::ifstream file(ASSAY_SOURCE_DIR "/verifier/policies/default.toml", std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    const auto policy = Policy::from_toml("default.toml", text);
    INFO((policy ? "" : describe(policy.error())));
    REQUIRE(policy);
    CHECK(policy->name == "default");
    CHECK(policy->required_checks.contains("quote_is_authentic_and_bound"));
    CHECK(policy->required_sections.contains("boot-event-log"));
    CHECK(policy->secure_boot_required);
    CHECK(policy->digest == sha256(as_view(text)));
}

TEST_CASE("a policy that does not list required checks takes each check's own word") {
    const auto policy = Policy::from_toml("p.toml", kValid).value();
    for (const auto& named : all_checks()) {
        INFO(named.name);
        CHECK(policy.required_checks.contains(std::string(named.name)) == named.check->required);
    }
}

TEST_CASE("PCRs without a log and firmware floors are read") {
    const auto policy = Policy::from_toml(
        "p.toml", kValid +
                      "[[unlogged_pcrs]]\npcr = 11\nreason = \"systemd\"\n"
                      "[[unlogged_pcrs]]\npcr = 12\nreason = \"systemd\"\n"
                      "[[firmware]]\ncomponent = \"bios\"\nmatch = \"*\"\nat_least = \"2.4\"\n");
    REQUIRE(policy);
    CHECK(policy->unlogged_pcrs == std::set<std::uint32_t>{11, 12});
    REQUIRE(policy->firmware.size() == 1);
    CHECK(policy->firmware.front().at_least == "2.4");
    CHECK(policy->required_checks.contains("firmware_is_at_least_approved"));
}

TEST_CASE(
    "parts that hosts have none of are read, each with its reason, and an unknown maker may be a warning") {
    const auto policy = Policy::from_toml(
        "p.toml", kValid +
                      "system_maker_required = false\n"
                      "[[without]]\ncomponent = \"drive\"\nreason = \"they boot from the network\"\n"
                      "[[without]]\ncomponent = \"gpu\"\nreason = \"headless\"\n");
    REQUIRE(policy);
    CHECK_FALSE(policy->system_maker_required);
    CHECK(policy->without ==
          std::map<vendors::Component, std::string>{{vendors::Component::drive, "they boot from the network"},
                                                    {vendors::Component::gpu, "headless"}});
    CHECK(Policy::from_toml("p.toml", kValid).value().system_maker_required);
    CHECK_THAT(refusal(kValid + "[[without]]\ncomponent = \"drive\"\n"), Catch::Contains("reason"));
    CHECK_THAT(refusal(kValid + "[[without]]\ncomponent = \"system\"\nreason = \"x\"\n"),
               Catch::Contains("p.toml:9") && Catch::Contains("expected one of board"));
}

TEST_CASE("a policy may require any section but a part of the IMA list, which stands for the list") {
    for (const auto name : section::kAll) {
        INFO(name);
        const auto text = replaced(kValid, "[\"pcrs\"]", "[\"" + std::string(name) + "\"]");
        CHECK(Policy::from_toml("p.toml", text).has_value() == (name != section::kImaLogPart));
    }
}

TEST_CASE("a policy is refused by file and line when it says what it cannot mean") {
    CHECK_THAT(refusal(kValid + "secure_boot = true\n"),
               Catch::Contains("p.toml:8") && Catch::Contains("secure_boot"));
    CHECK_THAT(refusal("name = \n"), Catch::Contains("p.toml:1"));
    CHECK_THAT(refusal(replaced(kValid, "[\"pcrs\"]", "[]")), Catch::Contains("required_sections"));
    CHECK_THAT(refusal(replaced(kValid, "[\"pcrs\"]", "[\"pcr\"]")),
               Catch::Contains("'pcr'") && Catch::Contains("p.toml:3"));
    CHECK_THAT(refusal(kValid + "required_checks = [\"host_is_nice\"]\n"), Catch::Contains("host_is_nice"));
    CHECK_THAT(refusal(kValid + "disabled_checks = [\"host_is_nice\"]\n"), Catch::Contains("host_is_nice"));
    CHECK_THAT(refusal(kValid + "disabled_checks = [\"quote_is_authentic_and_bound\"]\n"),
               Catch::Contains("cannot be switched off"));
    CHECK_THAT(
        refusal(kValid +
                "disabled_checks = [\"chassis_is_closed\"]\nrequired_checks = [\"chassis_is_closed\"]\n"),
        Catch::Contains("at once"));
    CHECK_THAT(refusal(replaced(kValid, "sha256:0,7", "sha1:0,7")), Catch::Contains("pcr_selection"));
    CHECK_THAT(refusal(replaced(kValid, "sha256:0,7", "sha256:")), Catch::Contains("pcr_selection"));
    CHECK_THAT(refusal(replaced(kValid, "sha256:0,7", "sha1:0+sha256:0")), Catch::Contains("one bank"));
    CHECK_THAT(refusal(replaced(kValid, "sha256:0,7", "sha256:24")), Catch::Contains("pcr_selection"));
    CHECK_THAT(refusal(replaced(kValid, "= 60", "= 0")), Catch::Contains("challenge_lifetime_s"));
    CHECK_THAT(refusal(replaced(kValid, "= 60", "= \"60\"")),
               Catch::Contains("not a whole number from 1 to"));
    CHECK_THAT(refusal(replaced(kValid, "required = true", "required = \"yes\"")),
               Catch::Contains("true or false"));
    CHECK_THAT(refusal(kValid + "[[unlogged_pcrs]]\npcr = 11\n"), Catch::Contains("reason"));
    CHECK_THAT(refusal(kValid + "[[unlogged_pcrs]]\npcr = 24\nreason = \"x\"\n"),
               Catch::Contains("p.toml:9"));
    CHECK_THAT(refusal(kValid + "[[firmware]]\ncomponent = \"toaster\"\nmatch = \"*\"\nat_least = \"1\"\n"),
               Catch::Contains("bios"));
}

TEST_CASE("changes that are expected are read with their last day") {
    const std::string expected =
        "[[expected]]\nwhat = \"firmware\"\ncomponent = \"drive\"\nto = \"2\"\nuntil = 1970-01-02\norder = "
        "\"CHG-1\"\n";
    const auto policy = Policy::from_toml("p.toml", kValid + expected);
    REQUIRE(policy);
    REQUIRE(policy->expected.size() == 1);
    CHECK(policy->expected[0].change.what == "firmware");
    CHECK(policy->expected[0].change.to == "2");
    CHECK(policy->expected[0].order == "CHG-1");
    CHECK(policy->expected[0].until == 2 * 86'400 - 1);
    CHECK(refusal(kValid + replaced(expected, "\"firmware\"", "\"furniture\""))
              .find("expected one of firmware") != std::string::npos);
    CHECK_FALSE(Policy::from_toml("p.toml", kValid + replaced(expected, "until = 1970-01-02\n", "")));
    CHECK_FALSE(Policy::from_toml("p.toml", kValid + replaced(expected, "order = \"CHG-1\"\n", "")));
}
