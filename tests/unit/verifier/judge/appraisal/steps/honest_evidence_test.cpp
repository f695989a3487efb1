#include <set>
#include <string_view>

#include <catch2/catch.hpp>

#include "tests/support/appraisal/evidence_builder.h"
#include "verifier/judge/appraisal/checks/check.h"
#include "verifier/judge/appraisal/steps/steps.h"

using namespace assay;
using namespace assay::judge;
using assay::test::EvidenceBuilder;

namespace {

// The policy names no least version, key or kernel argument, no reference set is loaded, firmware did not
// measure a protection as off, no chassis serial and no delivery is registered, this TPM was never exchanged,
// the vendor data is of files, no gate had to say anything, nothing was attested before, it has no label, and
// it was shown nothing.
const std::set<std::string_view> kNothingToJudge{"firmware_is_at_least_approved",
                                                 "firmware_versions_are_approved",
                                                 "chassis_is_as_registered",
                                                 "components_are_as_delivered",
                                                 "tpm_was_not_replaced_lately",
                                                 "vendor_data_is_current",
                                                 "devices_are_in_one_host",
                                                 "host_attests_regularly",
                                                 "new_devices_are_let_in_by_rule",
                                                 "internal_devices_are_as_baselined",
                                                 "boot_chain_is_as_referenced",
                                                 "firmware_protections_are_on",
                                                 "secure_boot_keys_are_approved",
                                                 "boot_arguments_are_allowed",
                                                 "measured_files_are_approved",
                                                 "nobody_else_speaks_for_the_host",
                                                 "sections_are_as_before",
                                                 "boot_is_as_before",
                                                 "parts_are_as_before",
                                                 "policy_is_chosen_by_its_owner",
                                                 "verifier_goes_forward"};

}  // namespace

TEST_CASE("honest evidence is affirming, every check of it, and without a finding") {
    const auto appraisal = EvidenceBuilder().build().appraise();
    const auto& result = appraisal.result;
    for (const auto& finding : result.findings)
        UNSCOPED_INFO(finding.id << ": " << finding.subject << " " << finding.actual);
    for (const auto& check : result.checks) {
        INFO(check.check << ": " << check.summary);
        if (kNothingToJudge.contains(check.check)) {
            CHECK(check.tier == Tier::none);
            CHECK_FALSE(check.required);
        } else {
            CHECK(check.tier == Tier::affirming);
        }
    }
    CHECK(result.findings.empty());
    CHECK(result.tier == Tier::affirming);
    CHECK(result.checks.size() == all_checks().size());
    CHECK(result.boot_id == test::kBootId);
    CHECK(result.inputs.size() == 7);
    CHECK(appraisal.next.authentic);
    CHECK(appraisal.next.clock_ms == 5'000'000);
    CHECK(appraisal.next.journal_sequence == 1);
    CHECK(result.journal_acknowledged == 1);
}

TEST_CASE("an RSA attestation key is as good") {
    EvidenceBuilder builder;
    builder.ak = test::Key::rsa2048;
    CHECK(builder.build().appraise().result.tier == Tier::affirming);
}

TEST_CASE("the checks are named on the basis that they stand on") {
    const auto result = EvidenceBuilder().build().appraise().result;
    const auto basis = [&](std::string_view name) {
        for (const auto& check : result.checks) {
            if (check.check == name) return check.basis;
        }
        FAIL("no such check");
        return Basis::self_reported;
    };
    CHECK(basis("quote_is_authentic_and_bound") == Basis::endorsed);
    CHECK(basis("logs_replay_to_the_quoted_pcrs") == Basis::quoted);
    CHECK(basis("secure_boot_is_enabled") == Basis::quoted);
    CHECK(basis("system_vendor_is_approved") == Basis::bound);
}
