#include "agent/devices/tpm/tpm.h"

#include <catch2/catch.hpp>
#include <unistd.h>

#include "evidence/base/digest.h"
#include "evidence/certificate/ek_certificate.h"
#include "evidence/tpm/key/credential.h"
#include "evidence/tpm/key/signature.h"
#include "evidence/tpm/key/tpm_public.h"
#include "evidence/tpm/quote.h"
#include "tests/support/machine/skip.h"
#include "tests/support/tpm/swtpm.h"
#include "tests/unit/agent/devices/tpm/opened_tpm.h"

using namespace assay;
using namespace assay::agent;
using test::opened;
using test::value;

namespace {

constexpr std::string_view kAll = "sha256:0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15";

}  // namespace

TEST_CASE(
    "The identity is an AK that signs only what the TPM made, and an EK whose certificate is of its key") {
    const auto swtpm = test::Swtpm::start();
    if (!swtpm) ASSAY_SKIP("swtpm is not installed");
    const auto tpm = opened(*swtpm);
    const auto identity = value(tpm->identity());

    const auto ak = value(tcg::parse_tpm_public(identity.ak_public));
    CHECK(tcg::restricted_signing_key_violations(ak).empty());
    CHECK(ak.type() == tcg::KeyType::ecc);
    const auto ek = value(tcg::parse_tpm_public(identity.ek_public));
    CHECK(tcg::ek_template_violations(ek).empty());

    REQUIRE(identity.ek_certificates.size() == 1);
    const auto certificate = value(tcg::Certificate::parse(identity.ek_certificates.front()));
    CHECK(certificate.key_kind() == "RSA-2048");
    CHECK(certificate.has_ek_usage());
}

TEST_CASE("The identity stays the same over a second call, a second connection and a reboot") {
    const auto swtpm = test::Swtpm::start();
    if (!swtpm) ASSAY_SKIP("swtpm is not installed");
    TpmIdentity first;
    {
        const auto tpm = opened(*swtpm);
        first = value(tpm->identity());
        CHECK(value(tpm->identity()) == first);
    }
    CHECK(value(opened(*swtpm)->identity()) == first);
    swtpm->restart();
    CHECK(value(opened(*swtpm)->identity()) == first);
}

TEST_CASE("A credential made for EK and AK is opened, one made for another AK is not") {
    const auto swtpm = test::Swtpm::start();
    if (!swtpm) ASSAY_SKIP("swtpm is not installed");
    const auto tpm = opened(*swtpm);
    const auto identity = value(tpm->identity());
    const auto ek = value(tcg::parse_tpm_public(identity.ek_public));
    auto name = value(tcg::compute_name(identity.ak_public));
    const Bytes secret(32, std::byte{0x5a});

    const auto credential = value(tcg::make_credential(ek, name, secret));
    CHECK(value(tpm->activate(credential.id_object, credential.encrypted_secret)) == secret);
    // Again: the session of the first was given back.
    CHECK(value(tpm->activate(credential.id_object, credential.encrypted_secret)) == secret);

    name.back() ^= std::byte{1};
    const auto other = value(tcg::make_credential(ek, name, secret));
    const auto refused = tpm->activate(other.id_object, other.encrypted_secret);
    REQUIRE(!refused);
    CHECK(refused.error().code == ErrorCode::tpm);
}

TEST_CASE("A quote is signed by the AK over the extra data and the PCRs that are read") {
    const auto swtpm = test::Swtpm::start();
    if (!swtpm) ASSAY_SKIP("swtpm is not installed");
    const auto tpm = opened(*swtpm);
    const auto extra_data = sha256(as_view("nonce"));
    const auto pcrs = value(tpm->read_pcrs(kAll));
    const auto quoted = value(tpm->quote(kAll, extra_data.view()));

    const auto quote = value(tcg::parse_quote(quoted.quote));
    CHECK(quote.extra_data == to_bytes(extra_data.view()));
    tcg::PcrValues values;
    REQUIRE(pcrs.at(HashAlgorithm::sha256).size() == 16);
    for (const auto& [index, digest] : pcrs.at(HashAlgorithm::sha256)) REQUIRE(values.set(index, digest));
    CHECK(to_bytes(value(tcg::pcr_digest(quote.selection, values, HashAlgorithm::sha256)).view()) ==
          quote.pcr_digest);

    const auto identity = value(tpm->identity());
    const auto key = value(tcg::VerifyKey::from(value(tcg::parse_tpm_public(identity.ak_public))));
    const auto signature = value(tcg::parse_signature(quoted.signature));
    CHECK(key.verify(quoted.quote, signature) == tcg::SignatureVerdict::valid);
}

TEST_CASE("A steady attestation takes two commands: one PCR read, one quote") {
    const auto swtpm = test::Swtpm::start();
    if (!swtpm) ASSAY_SKIP("swtpm is not installed");
    const auto tpm = opened(*swtpm);
    const auto extra_data = sha256(as_view("nonce"));
    const auto pcrs = value(tpm->read_pcrs(kAll));
    value(tpm->quote(kAll, extra_data.view()));

    const auto before = tpm->round_trips();
    CHECK(value(tpm->read_pcrs(kAll)) == pcrs);
    value(tpm->quote(kAll, extra_data.view()));
    CHECK(tpm->round_trips() - before == 2);
}

TEST_CASE("Many attestations leave no session and no object in the TPM") {
    const auto swtpm = test::Swtpm::start();
    if (!swtpm) ASSAY_SKIP("swtpm is not installed");
    const auto extra_data = sha256(as_view("nonce"));
    for (int i = 0; i < 8; ++i) {  // swtpm has room for three objects and three sessions
        const auto tpm = opened(*swtpm);
        const auto identity = value(tpm->identity());
        const auto ek = value(tcg::parse_tpm_public(identity.ek_public));
        const auto credential = value(
            tcg::make_credential(ek, value(tcg::compute_name(identity.ak_public)), Bytes(32, std::byte{1})));
        value(tpm->activate(credential.id_object, credential.encrypted_secret));
        value(tpm->quote(kAll, extra_data.view()));
    }
}

TEST_CASE("The properties are the TPM's own word") {
    const auto swtpm = test::Swtpm::start();
    if (!swtpm) ASSAY_SKIP("swtpm is not installed");
    const auto section = value(opened(*swtpm)->properties());
    CHECK(section.family == "2.0");
    CHECK(section.manufacturer == "IBM");
    CHECK(section.vendor_string == "SW   TPM");
    CHECK(section.revision >= 138);
}

TEST_CASE("A bank that the TPM does not have, and a selection that is none, are errors") {
    const auto swtpm = test::Swtpm::start();
    if (!swtpm) ASSAY_SKIP("swtpm is not installed");
    const auto tpm = opened(*swtpm);
    CHECK(tpm->read_pcrs("sha1:0").error().code == ErrorCode::tpm);
    CHECK(tpm->read_pcrs("sha256:99").error().code == ErrorCode::malformed);
    CHECK(tpm->quote("sha256:0", Bytes(65)).error().code == ErrorCode::usage);
}

TEST_CASE("Where there is no TPM the error says so, and how to get one") {
    CHECK(Tpm::open("swtpm:path=/nonexistent/socket").error().code == ErrorCode::io);
    if (::access("/dev/tpmrm0", F_OK) == 0 || ::access("/dev/tpm0", F_OK) == 0)
        ASSAY_SKIP("this machine has a TPM");
    const auto none = Tpm::open("");
    REQUIRE(!none);
    CHECK(none.error().code == ErrorCode::not_found);
    CHECK(none.error().context.find("modprobe") != std::string::npos);
}
