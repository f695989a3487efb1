#include "tests/support/causes.h"

#include <cstdlib>

#include <catch2/catch.hpp>
#include <tss2/tss2_tpm2_types.h>

#include "agent/devices/tpm/tpm.h"
#include "agent/devices/tpm/tss.h"
#include "tests/support/machine/skip.h"
#include "tests/unit/agent/devices/tpm/changed_tpm.h"
#include "tests/unit/agent/devices/tpm/opened_tpm.h"

using namespace assay;
using namespace assay::agent;

namespace {

// As it comes through the kernel's resource manager, about a session.
constexpr TSS2_RC kAboutSession1 = TPM2_RC_S + TPM2_RC_1;

}  // namespace

TEST_CASE("what a TPM answers is told by its cause, whichever session it is about") {
    const std::pair<TSS2_RC, Cause> wanted[] = {
        {TPM2_RC_LOCKOUT, Cause::tpm_lockout},
        {TPM2_RC_AUTH_FAIL + kAboutSession1, Cause::tpm_authorisation},
        {TPM2_RC_BAD_AUTH + kAboutSession1, Cause::tpm_authorisation},
        {TPM2_RC_HIERARCHY + TPM2_RC_1, Cause::tpm_hierarchy},
        {TPM2_RC_INITIALIZE, Cause::tpm_not_started},
        {TPM2_RC_FAILURE, Cause::tpm_failure},
        {TPM2_RC_NV_SPACE, Cause::tpm_nv_full},
        {TPM2_RC_OBJECT_MEMORY, Cause::tpm_no_slot},
        {TPM2_RC_SESSION_MEMORY, Cause::tpm_no_slot},
        {TSS2_RESMGR_TPM_RC_LAYER | TPM2_RC_LOCKOUT, Cause::tpm_lockout},
        {TSS2_TCTI_RC_IO_ERROR, Cause::tpm_unreachable},
        {kNotRecorded, Cause::tpm_not_recorded}};
    for (const auto& [code, cause] : wanted) {
        const auto error = tss_error(code, "Quote");
        INFO(error.context);
        CHECK(test::says(error, cause));
        CHECK(error.context.starts_with("Quote: "));
    }
}

TEST_CASE("an answer that nobody knows keeps the TPM's words and gets no advice") {
    const auto error = tss_error(TPM2_RC_VALUE + TPM2_RC_P + TPM2_RC_1, "Quote");
    CHECK(error.code == ErrorCode::tpm);
    for (const auto& row : cause_rows()) CHECK_FALSE(error.context.contains(row.remedy));
}

TEST_CASE("a TPM that is not there, or behind a way that leads nowhere, is told so") {
    const auto nowhere = open_tcti("swtpm:path=/nowhere/at/all");
    REQUIRE_FALSE(nowhere);
    CHECK(test::says(nowhere.error(), Cause::tpm_unreachable));
    const auto own = open_tcti("");
    if (own) ASSAY_SKIP("this machine has a TPM that it may use");
    INFO(own.error().context);
    CHECK((test::says(own.error(), Cause::tpm_absent) || test::says(own.error(), Cause::tpm_permission)));
}

TEST_CASE(
    "with the endorsement hierarchy's password keys are made and used, without it or with another not") {
    const auto swtpm = test::Swtpm::start();
    if (!swtpm) ASSAY_SKIP("swtpm is not installed");
    test::set_hierarchy_auth(*swtpm, ESYS_TR_RH_ENDORSEMENT, "secret");
    for (const auto* auth : {"", "another"}) {
        const auto tpm = test::value(Tpm::open(swtpm->tcti(), {auth, false}));
        const auto identity = tpm->identity();
        REQUIRE_FALSE(identity);
        INFO(identity.error().context);
        CHECK(test::says(identity.error(), Cause::tpm_authorisation));
    }
    const auto tpm = test::value(Tpm::open(swtpm->tcti(), {"secret", true}));
    CHECK(tpm->identity());
    CHECK(tpm->quote("sha256:0", Bytes(32)));
    CHECK(test::value(tpm->further_eks()).size() == 2);
}

TEST_CASE("a password that no TPM can have is refused before it is used") {
    const auto swtpm = test::Swtpm::start();
    if (!swtpm) ASSAY_SKIP("swtpm is not installed");
    const auto tpm = Tpm::open(swtpm->tcti(), {std::string(65, 'x'), true});
    REQUIRE_FALSE(tpm);
    CHECK(tpm.error().code == ErrorCode::usage);
    CHECK_FALSE(tpm.error().context.contains("xxx"));
}

TEST_CASE("keys that are not to be kept are the same ones and leave nothing behind") {
    const auto swtpm = test::Swtpm::start();
    if (!swtpm) ASSAY_SKIP("swtpm is not installed");
    const auto persistent = [&] {
        auto tpm = test::value(EsysConnection::open(test::value(open_tcti(swtpm->tcti()))));
        return test::value(tpm.handles(TPM2_PERSISTENT_FIRST, TPM2_PERSISTENT_LAST));
    };
    const auto before = persistent();
    const auto trial = test::value(test::value(Tpm::open(swtpm->tcti(), {"", false}))->identity());
    CHECK(persistent() == before);
    const auto kept = test::value(test::opened(*swtpm)->identity());
    CHECK(kept == trial);
    CHECK(persistent() != before);
}
