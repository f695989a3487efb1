#include <array>
#include <set>
#include <string_view>

#include <catch2/catch.hpp>

#include "tests/support/appraisal/evidence_builder.h"
#include "tests/support/builders/usb_builder.h"
#include "verifier/judge/appraisal/checks/check.h"
#include "verifier/judge/appraisal/steps/steps.h"

// Emptiness is no good news: a check affirms only where it says how many things it covered.
using namespace assay;
using namespace assay::judge;
using namespace assay::test;

namespace {

struct Said {
    std::vector<Finding> findings;
    Judge judge{findings};
};

/// What a check that does `judge` concludes of honest evidence.
CheckOutcome concluded(void (*judge)(const Examined&, Judge&)) {
    const Check check{.claim = TrustClaim::hardware, .required = true, .judge = judge};
    const std::array<NamedCheck, 1> only{{{"a_check", &check}}};
    const auto made = EvidenceBuilder().build();
    return appraise_with(made.inputs(), only, no_step).result.checks.at(0);
}

/// A machine of which every list is empty, quoted by an honest TPM.
AppraisalCase empty_machine() {
    EvidenceBuilder host;
    host.pci.clear();
    host.drives.clear();
    host.nics.clear();
    host.esrt.clear();
    host.chassis.clear();
    host.journal.clear();
    host.heartbeat.reset();
    host.with_ima = false;
    host.log = EventLogBuilder();
    host.before_manifest = [](AppraisalCase& made) {
        auto& sections = made.bundle.evidence.sections;
        sections[std::string(section::kUsb)] = encode_usb_section({});
        const auto end = build::smbios_end();
        sections[std::string(section::kSmbios)] =
            encode_smbios_section({build::smbios_entry_point_3(static_cast<std::uint32_t>(end.size())), end});
    };
    return host.build();
}

// What stands there also of an empty machine: quote, manifest, sections, the TPM and its clock.
const std::set<std::string_view> kNeverEmpty{"quote_is_authentic_and_bound",
                                             "sections_are_as_the_manifest_names_them",
                                             "required_sections_are_present",
                                             "tpm_clock_moves_forward",
                                             "tpm_is_hardware",
                                             "tpm_vendor_is_approved",
                                             "bmc_vendor_is_approved"};

}  // namespace

TEST_CASE("a check that covers nothing concludes none, whatever it says of it") {
    Said said;
    said.judge.covered(Basis::quoted, 0, "0 files");
    CHECK(said.judge.tier() == Tier::none);
    CHECK(said.judge.summary() == "covered nothing: 0 files");
    CHECK(Said().judge.tier() == Tier::none);
}

TEST_CASE("a check that covers one thing affirms, and what is excused is counted with it") {
    Said one;
    one.judge.covered(Basis::quoted, 1, "1 file");
    CHECK(one.judge.tier() == Tier::affirming);
    CHECK(one.judge.basis() == Basis::quoted);
    Said excused;
    excused.judge.covered(Basis::quoted, 0, "no drive, as the policy says: diskless", 1);
    CHECK(excused.judge.tier() == Tier::affirming);
    CHECK(excused.judge.summary() == "no drive, as the policy says: diskless");
    Said twice;
    twice.judge.covered(Basis::quoted, 2, "records");
    twice.judge.covered(Basis::bound, 0, "heads");
    CHECK(twice.judge.tier() == Tier::affirming);
    CHECK(twice.judge.basis() == Basis::bound);
}

TEST_CASE("what was read in part, or got no answer, is not affirmed by what was covered") {
    Said part;
    part.judge.covered(Basis::quoted, 7, "7 structures");
    part.judge.covered_in_part();
    CHECK(part.judge.tier() == Tier::none);
    Said unanswered;
    unanswered.judge.covered(Basis::quoted, 7, "7 structures");
    unanswered.judge.no_answer(NoAnswer::cannot_tell, "the eighth");
    CHECK(unanswered.judge.tier() == Tier::none);
    Said warned;
    warned.judge.covered_in_part();
    warned.judge.report(findings::chassis_intrusion, Tier::warning, Basis::bound, {});
    CHECK(warned.judge.tier() == Tier::none);
}

TEST_CASE("that there is no answer is told in one of three words") {
    const auto summary = [](NoAnswer why) {
        Said said;
        said.judge.no_answer(why, "why");
        return said.judge.summary();
    };
    CHECK(summary(NoAnswer::not_asked) == "not asked: why");
    CHECK(summary(NoAnswer::does_not_apply) == "does not apply: why");
    CHECK(summary(NoAnswer::cannot_tell) == "cannot tell: why");
}

TEST_CASE("a check that returns at once affirms nothing, and one on the host's word neither") {
    CHECK(concluded([](const Examined&, Judge&) {}).tier == Tier::none);
    CHECK(concluded([](const Examined&, Judge& judge) { judge.covered(Basis::self_reported, 9, ""); }).tier ==
          Tier::none);
    CHECK(concluded([](const Examined&, Judge& judge) { judge.covered(Basis::bound, 9, ""); }).tier ==
          Tier::affirming);
}

TEST_CASE("of a machine whose lists are all empty no check affirms what it could not look at") {
    const auto result = empty_machine().appraise().result;
    for (const auto& each : result.checks) {
        INFO(each.check << ": " << each.summary);
        CHECK((each.tier != Tier::affirming || kNeverEmpty.contains(each.check)));
    }
    CHECK(result.tier != Tier::affirming);
}
