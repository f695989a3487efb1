#include "evidence/base/fault.h"

#include <algorithm>
#include <set>

#include <catch2/catch.hpp>
#include <fmt/core.h>

#include "agent/attest/collect.h"
#include "agent/devices/host/recorded_host.h"
#include "agent/devices/tpm/esys_connection.h"
#include "agent/devices/tpm/tpm.h"
#include "evidence/tpm/key/signature.h"
#include "evidence/tpm/key/tpm_public.h"
#include "evidence/tpm/pcr.h"
#include "evidence/tpm/quote.h"
#include "tests/support/machine/sample_machine.h"
#include "tests/support/machine/skip.h"
#include "tests/support/tpm/swtpm.h"

using namespace assay;
using namespace assay::agent;

namespace {

/// Objects and sessions that nobody flushed.
std::size_t left_in(const test::Swtpm& swtpm) {
    auto connection = EsysConnection::open(open_tcti(swtpm.tcti()).value());
    REQUIRE(connection);
    const auto objects = connection->handles(TPM2_TRANSIENT_FIRST, TPM2_TRANSIENT_LAST);
    const auto sessions = connection->handles(TPM2_LOADED_SESSION_FIRST, TPM2_LOADED_SESSION_LAST);
    REQUIRE(objects);
    REQUIRE(sessions);
    return objects->size() + sessions->size();
}

EvidenceRequest request_beside_faults() {
    EvidenceRequest out;
    out.host = "rack-1";
    out.nonce = Bytes(kNonceSize, std::byte{7});
    return out;
}

}  // namespace

TEST_CASE(
    "A TPM command that fails while keys are made leaves nothing in the TPM, and the next try succeeds") {
    if (!fault::built_in()) ASSAY_SKIP("this build has no fault points (ASSAY_FAULTS)");
    const auto swtpm = test::Swtpm::start();
    if (!swtpm) ASSAY_SKIP("swtpm is not installed");
    std::optional<TpmIdentity> first;
    std::uint64_t n = 0;
    for (bool failed = true; failed; ++n) {
        {
            auto tpm = Tpm::open(swtpm->tcti());
            REQUIRE(tpm);
            fault::arm(n, "tpm");
            const auto identity = (*tpm)->identity();
            failed = fault::disarm().failed;
            INFO("command " << n);
            // A certificate that cannot be read is one that is not shown; keys are there or an error is.
            if (identity && first) CHECK(identity->ak_public == first->ak_public);
            if (identity && !first) first = *identity;
            if (!failed) REQUIRE(identity);
        }
        CHECK(left_in(*swtpm) == 0);
    }
    CHECK(n > 5);
    fmt::print("{} commands failed, one at a time\n", n - 1);
}

TEST_CASE("Evidence that was made although a TPM command failed says what is missing, and its quote holds") {
    if (!fault::built_in()) ASSAY_SKIP("this build has no fault points (ASSAY_FAULTS)");
    const auto swtpm = test::Swtpm::start();
    if (!swtpm) ASSAY_SKIP("swtpm is not installed");
    RecordedHost host(test::SampleMachine().recording);
    Bytes ak;
    std::size_t honest_gaps = 0;
    std::set<std::string> honest_sections;
    const auto names = [](const Evidence& evidence) {
        std::set<std::string> out;
        for (const auto& [name, bytes] : evidence.sections) out.insert(name);
        return out;
    };
    {
        auto tpm = Tpm::open(swtpm->tcti());
        REQUIRE(tpm);
        ak = (*tpm)->identity().value().ak_public;
        const auto evidence = make_evidence({host, tpm->get(), {}}, request_beside_faults());
        REQUIRE(evidence);
        honest_sections = names(*evidence);
        honest_gaps = decode_gaps_section(evidence->sections.at("gaps")).value().size();
    }
    const auto key = tcg::VerifyKey::from(tcg::parse_tpm_public(ak).value()).value();
    std::uint64_t n = 0;
    std::size_t refused = 0;
    for (bool failed = true; failed; ++n) {
        {
            auto tpm = Tpm::open(swtpm->tcti());
            REQUIRE(tpm);
            fault::arm(n, "tpm");
            const auto evidence = make_evidence({host, tpm->get(), {}}, request_beside_faults());
            failed = fault::disarm().failed;
            INFO("command " << n);
            if (!failed) REQUIRE(evidence);
            if (!evidence) {
                ++refused;
            } else {
                const auto gaps = decode_gaps_section(evidence->sections.at("gaps")).value();
                // What only an enrolment shows (the EK's certificate) is missed by nobody here.
                const bool complete = names(*evidence) == honest_sections;
                CHECK((complete || gaps.size() > honest_gaps));
                const auto signature = tcg::parse_signature(evidence->signature).value();
                CHECK(key.verify(evidence->quote, signature) == tcg::SignatureVerdict::valid);
                const auto quote = tcg::parse_quote(evidence->quote).value();
                CHECK(quote.extra_data ==
                      to_bytes(evidence_binding(evidence->nonce, evidence->manifest).view()));
            }
        }
        CHECK(left_in(*swtpm) == 0);
    }
    CHECK(n > 3);
    CHECK(refused > 0);
    fmt::print("{} commands failed, one at a time; {} times there was no evidence\n", n - 1, refused);
}
