#include "agent/commands/doctor_tpm.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>

#include <catch2/catch.hpp>

#include "tests/support/causes.h"
#include "tests/support/machine/skip.h"
#include "tests/support/machine/temp_folder.h"
#include "tests/unit/agent/devices/tpm/changed_tpm.h"

using namespace assay;
using namespace assay::agent;
using DoctorState = Ailment::State;

namespace {

struct DoctoredTpm {
    std::unique_ptr<test::Swtpm> swtpm = test::Swtpm::start();
    Settings settings;

    std::vector<Ailment> examine(bool enrolled = false) {
        settings.tcti = swtpm->tcti();
        auto opened = test::value(open_machine(settings));
        return test::value(examine_tpm(opened, settings, enrolled));
    }
};

const Ailment& named(const std::vector<Ailment>& ailments, std::string_view what) {
    const auto found = std::ranges::find(ailments, what, &Ailment::what);
    REQUIRE(found != ailments.end());
    return *found;
}

bool tells(const Ailment& ailment, Cause cause) {
    return test::says({cause_row(cause).code, ailment.detail, {}}, cause);
}

}  // namespace

TEST_CASE("a sound TPM is good because it quoted and gave the secret back") {
    DoctoredTpm tpm;
    if (!tpm.swtpm) ASSAY_SKIP("swtpm is not installed");
    const auto told = tpm.examine();
    CHECK(named(told, "tpm").state == DoctorState::good);
    CHECK_THAT(named(told, "tpm").detail, Catch::Contains("it quotes"));
    CHECK(named(told, "tpm enrolment").state == DoctorState::good);
    CHECK(named(told, "tpm journal").state == DoctorState::partial);
}

TEST_CASE("a TPM whose endorsement hierarchy has a password is broken, and good once that is given") {
    DoctoredTpm tpm;
    if (!tpm.swtpm) ASSAY_SKIP("swtpm is not installed");
    test::set_hierarchy_auth(*tpm.swtpm, ESYS_TR_RH_ENDORSEMENT, "secret");
    const auto told = tpm.examine();
    CHECK(named(told, "tpm").state == DoctorState::broken);
    CHECK(tells(named(told, "tpm"), Cause::tpm_authorisation));
    CHECK(doctor_exit_code(told) == command_line::ExitCode::none);
    tpm.settings.endorsement_auth = "secret";
    CHECK(named(tpm.examine(), "tpm enrolment").state == DoctorState::good);
}

TEST_CASE("a host whose AK is kept attests without the password, and could not be enrolled again") {
    DoctoredTpm tpm;
    if (!tpm.swtpm) ASSAY_SKIP("swtpm is not installed");
    test::value(test::value(Tpm::open(tpm.swtpm->tcti()))->identity());
    test::set_hierarchy_auth(*tpm.swtpm, ESYS_TR_RH_ENDORSEMENT, "secret");
    const auto told = tpm.examine(true);
    CHECK(named(told, "tpm").state == DoctorState::good);
    CHECK(named(told, "tpm enrolment").state == DoctorState::partial);
    CHECK(tells(named(told, "tpm enrolment"), Cause::tpm_authorisation));
    CHECK(named(tpm.examine(false), "tpm enrolment").state == DoctorState::broken);
}

TEST_CASE("a TPM that keeps SHA-1 alone is broken, and its bank is named") {
    DoctoredTpm tpm;
    if (!tpm.swtpm) ASSAY_SKIP("swtpm is not installed");
    test::keep_sha1_alone(*tpm.swtpm);
    const auto told = tpm.examine();
    CHECK(named(told, "tpm").state == DoctorState::broken);
    CHECK(tells(named(told, "tpm"), Cause::tpm_no_bank));
    CHECK_THAT(named(told, "tpm").detail, Catch::Contains("(sha1 alone)"));
}

TEST_CASE("a machine without a TPM is told that, with what to do") {
    Settings settings;
    settings.tcti = "swtpm:path=/nowhere/at/all";
    auto opened = test::value(open_machine(settings));
    const auto told = test::value(examine_tpm(opened, settings, false));
    REQUIRE(told.size() == 1);
    CHECK(told[0].state == DoctorState::broken);
    CHECK(tells(told[0], Cause::tpm_unreachable));
}

TEST_CASE(
    "the password is taken from option, file and systemd's credential, in this order, without its line's "
    "end") {
    const test::TempFolder folder;
    const auto put = [&](const char* name, const std::string& text) {
        std::ofstream(folder.path() / name) << text;
        return folder.path() / name;
    };
    Settings settings;
    REQUIRE(::unsetenv("CREDENTIALS_DIRECTORY") == 0);
    CHECK(access_to_tpm(settings)->endorsement_auth.empty());
    put("assay.endorsement-auth", "of systemd\n");
    REQUIRE(::setenv("CREDENTIALS_DIRECTORY", folder.path().c_str(), 1) == 0);
    CHECK(access_to_tpm(settings)->endorsement_auth == "of systemd");
    settings.endorsement_auth_file = put("file", "of the file");
    CHECK(access_to_tpm(settings)->endorsement_auth == "of the file");
    settings.endorsement_auth = "of the option";
    CHECK(access_to_tpm(settings)->endorsement_auth == "of the option");
    settings.endorsement_auth.clear();
    settings.endorsement_auth_file = folder.path() / "none";
    CHECK(access_to_tpm(settings).error().code == ErrorCode::not_found);
    settings.endorsement_auth_file = put("long", std::string(66, 'x'));
    CHECK(access_to_tpm(settings).error().code == ErrorCode::usage);
    ::unsetenv("CREDENTIALS_DIRECTORY");
}
