// Platform certificates that others made, judged as their sources say, or with the difference explained.
#include <map>
#include <set>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "evidence/base/limits.h"
#include "evidence/certificate/platform/judge_platform_certificate.h"
#include "evidence/codec/json_door.h"
#include "tests/support/machine/corpus.h"
#include "tests/support/machine/skip.h"

using namespace assay;
using namespace assay::tcg;
namespace fs = std::filesystem;

namespace {

using Ids = std::set<std::string>;

/// What is said against each when its signer is pinned and no EK certificate is known; `ek_not_given`, which
/// is said of each base, is left out. The comment has the reason where the source expects something else.
const std::map<std::string, Ids> kExpected = {
    // SHA-1 signatures: valid for their source, refused here.
    {"Intel_nuc_pc.cer", {"signature_algorithm_not_allowed"}},
    {"Intel_nuc_pc2.cer", {"signature_algorithm_not_allowed"}},
    {"Intel_pc1.cer", {"signature_algorithm_not_allowed", "expired"}},
    {"Intel_pc2.cer", {"signature_algorithm_not_allowed"}},
    {"Intel_pc5.cer", {"signature_algorithm_not_allowed"}},
    {"fakeIntel_S2600KP_F00F00F00F00-Att.pem", {"signature_algorithm_not_allowed", "expired"}},
    // The keys that verify these two are of certificates with another subject than the issuer they name.
    {"plat_cert1.cer", {"issuer_not_given"}},
    {"plat_cert3.cer", {"issuer_not_given"}},
    // Its issuer's certificate may sign certificates alone.
    {"basic_plat_cert.pem", {"issuer_may_not_sign"}},
    {"medium_plat_cert.pem", {"issuer_may_not_sign"}},
    {"small_attribute_cert_2187.pem", {}},
    {"medium_attribute_cert_2187.pem", {}},
    {"laptop.default.1.base.cer", {}},
    {"laptop_base_platform_cert_addMem.crt", {}},
    {"laptop_deltaPlatCert_addMem.crt", {"base_not_given"}},
    // No key of the corpus verifies these; some name an issuer of the corpus.
    {"TPM_INTC_Platform_Cert_RSA.txt", {"issuer_not_given"}},
    {"large_attribute_spec2.txt", {"issuer_not_given"}},
    {"paccor_platform_cert.crt", {"signature_invalid"}},
    {"pciids_plat_cert_2-0.pem", {"signature_invalid"}},
    // Critical targeting (2.5.29.55), which is not processed.
    {"plat_base_cert1.pem", {"issuer_not_given", "critical_extension_unknown"}},
    {"plat_delta_cert1.pem", {"issuer_not_given", "critical_extension_unknown", "base_not_given"}},
    // Made and signed after the time that is asked about.
    {"platform_cert.20250909102720.crt", {"not_yet_valid", "issuer_not_trusted"}},
};
constexpr std::int64_t kAt = 1'551'398'400;  // 2019-03-01

std::vector<Certificate> signers() {
    std::vector<Certificate> out;
    for (const auto& entry : fs::directory_iterator(corpus::folder("platformcert") / "signers")) {
        if (entry.path().extension() == ".der") {
            out.push_back(Certificate::parse(corpus::read(entry.path())).value());
        }
    }
    return out;
}

PlatformVerdict judged(const std::vector<PlatformCertificate>& certificates, std::int64_t at = kAt) {
    static const auto roots = signers();
    return judge_platform_certificates(
        {.certificates = certificates, .issuers = {}, .roots = roots, .ek = nullptr, .at = at});
}

Ids said_against(const PlatformVerdict& verdict) {
    Ids ids;
    for (const auto& reason : verdict.reasons) {
        if (reason.effect() != Effect::remark) ids.emplace(reason.id().substr(21));
    }
    ids.erase("ek_not_given");
    return ids;
}

bool is_attribute_certificate(const corpus::Entry& entry) {
    return kExpected.contains(entry.path.filename().string());
}

PlatformCertificate read(const std::string& file) {
    return PlatformCertificate::parse(corpus::read(corpus::folder("platformcert") / file)).value();
}

}  // namespace

TEST_CASE(
    "every platform certificate of the corpus parses, and is judged as its source says or for a reason") {
    if (!corpus::present("platformcert")) ASSAY_SKIP("no corpus of platform certificates");
    std::size_t seen = 0;
    for (const auto& entry : corpus::manifests("platformcert")) {
        if (!is_attribute_certificate(entry)) continue;
        const auto name = entry.path.filename().string();
        INFO(name);
        const auto certificate = PlatformCertificate::parse(corpus::read(entry.path));
        if (!certificate) FAIL_CHECK(describe(certificate.error()));
        if (!certificate) continue;
        CHECK(said_against(judged({*certificate})) == kExpected.at(name));
        ++seen;
    }
    CHECK(seen == kExpected.size());
}

TEST_CASE("fields of go-attestation's certificates are what that project reads") {
    if (!corpus::present("platformcert")) ASSAY_SKIP("no corpus of platform certificates");
    std::size_t seen = 0;
    const auto folder = corpus::folder("platformcert") / "go-attestation";
    for (const auto& entry : fs::directory_iterator(folder)) {
        const auto name = entry.path().filename().string();
        const auto expected = folder / "expected" / (name + ".upstream.json");
        if (!fs::exists(expected)) continue;
        INFO(name);
        const auto certificate = PlatformCertificate::parse(corpus::read(entry.path())).value();
        // Not our own door: a serial there is a number of any length, which a lax reader turns into a double.
        const auto said = nlohmann::json::parse(corpus::read_text(expected));
        CHECK(said.at("PlatformManufacturer") == certificate.platform.manufacturer);
        CHECK(said.at("PlatformModel") == certificate.platform.model);
        CHECK(said.at("PlatformVersion") == certificate.platform.version);
        CHECK(said.at("PlatformSerial") == certificate.platform.serial);
        const auto components = said.at("Components").is_null() ? 0 : said.at("Components").size();
        REQUIRE(certificate.components.size() == components);
        for (std::size_t i = 0; i < components; ++i) {
            const auto& each = said.at("Components").at(i);
            CHECK(each.at("Manufacturer") == certificate.components[i].manufacturer);
            CHECK(each.at("Model") == certificate.components[i].model);
            CHECK(each.at("Serial") == certificate.components[i].serial.value_or(""));
        }
        const auto properties = said.at("Properties").is_null() ? 0 : said.at("Properties").size();
        CHECK(certificate.properties.size() == properties);
        ++seen;
    }
    CHECK(seen == 7);
}

TEST_CASE("the corpus' base and delta pairs: one that fits, one that does not, one of strangers") {
    if (!corpus::present("platformcert")) ASSAY_SKIP("no corpus of platform certificates");
    const auto base = read("hirs-system-test/laptop_base_platform_cert_addMem.crt");
    const auto delta = read("hirs-system-test/laptop_deltaPlatCert_addMem.crt");
    const auto fits = judged({delta, base});
    CHECK(said_against(fits).empty());
    CHECK(fits.components.size() == base.components.size() + 1);

    // Both projects' bases have issuer "ca" and serial 1; this one has that memory already.
    const auto other = read("hirs-system-test/laptop.default.1.base.cer");
    CHECK(said_against(judged({other, delta})) == Ids{"delta.adds_what_is_there"});
    const auto paccor = read("paccor/platform_cert.20250909102720.crt");
    CHECK(said_against(judged({paccor, delta}, 1'760'000'000)).contains("delta.of_another_base"));

    const auto strangers = judged({read("hirs/plat_base_cert1.pem"), read("hirs/plat_delta_cert1.pem")});
    CHECK(said_against(strangers).contains("critical_extension_unknown"));
    CHECK_FALSE(said_against(strangers).contains("delta.of_another_base"));
}

TEST_CASE("paccor's certificate of 2025 has configuration 3, and its own EK certificate as its holder") {
    if (!corpus::present("platformcert")) ASSAY_SKIP("no corpus of platform certificates");
    const auto certificate = read("paccor/platform_cert.20250909102720.crt");
    CHECK(certificate.configuration_version == 3);
    CHECK(certificate.components.size() == 33);
    CHECK(certificate.components.back().registry == "2.23.133.18.3.5");
    CHECK(certificate.properties.size() == 2);
    const auto ek = Certificate::parse(corpus::read(corpus::folder("platformcert") / "paccor" / "expected" /
                                                    "platform_cert.20250909102720.crt.ek.crt"));
    REQUIRE(ek);
    const auto roots = signers();
    const auto verdict = judge_platform_certificates({.certificates = std::span(&certificate, 1),
                                                      .issuers = {},
                                                      .roots = roots,
                                                      .ek = &*ek,
                                                      .at = 1'760'000'000});
    for (const auto& reason : verdict.reasons) CHECK(reason.effect() == Effect::remark);
    CHECK(verdict.trusted());
}
