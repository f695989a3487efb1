// The certificate of an IAK or IDevID: the path is an EK's, the profile is its own.
#include <algorithm>
#include <set>

#include <catch2/catch.hpp>

#include "tests/support/certificates/iak_builder.h"

using namespace assay;
using namespace assay::tcg;
using namespace assay::test;

namespace {

EkCertificateVerdict judged(const EkPathBuilder& path, TpmKeyRole role = TpmKeyRole::iak) {
    const auto made = path.make();
    return verify_iak_certificate({.leaf = made.leaf,
                                   .intermediates = std::span(&made.intermediate, 1),
                                   .pinned_roots = std::span(&made.root, 1),
                                   .at_unix_time = path.at,
                                   .role = role});
}

std::vector<std::string> ids(const EkCertificateVerdict& verdict, TpmKeyRole role = TpmKeyRole::iak) {
    std::vector<std::string> out;
    for (const auto& reason : verdict.reasons) out.push_back(reason_id(role, reason.kind));
    return out;
}

using Ids = std::vector<std::string>;

}  // namespace

TEST_CASE("an IAK certificate that leads to a pinned root and says that the key is restricted is trusted") {
    const auto verdict = judged(iak_path());
    CHECK(ids(verdict) == Ids{});
    CHECK(verdict.trusted());
    CHECK(verdict.root_sha256);
}

TEST_CASE("the path of an IAK certificate is judged as an EK's, under ids of its own") {
    auto path = iak_path();
    std::string id;
    SECTION("expired") {
        path.leaf.not_after = path.at - 1;
        id = "iak.expired";
    }
    SECTION("not valid yet") {
        path.leaf.not_before = path.at + 1;
        id = "iak.not_yet_valid";
    }
    SECTION("signed by another key of the same name") {
        path.intermediate_key = shared_key(Key::p521);
        const auto honest = iak_path().make();
        const auto made = path.make();
        const auto verdict = verify_iak_certificate({.leaf = made.leaf,
                                                     .intermediates = std::span(&honest.intermediate, 1),
                                                     .pinned_roots = std::span(&honest.root, 1),
                                                     .at_unix_time = path.at});
        CHECK_FALSE(verdict.trusted());
        // The key identifier tells them apart already.
        CHECK(ids(verdict) == Ids{"iak.no_issuer"});
        return;
    }
    SECTION("a rogue CA of the same names") {
        path.root_key = shared_key(Key::p521);
        path.intermediate_key = shared_key(Key::p384);
        const auto honest = iak_path().make();
        const auto rogue = path.make();
        const std::vector<Certificate> none;
        const auto verdict = verify_iak_certificate({.leaf = rogue.leaf,
                                                     .intermediates = std::span(&rogue.intermediate, 1),
                                                     .pinned_roots = std::span(&honest.root, 1),
                                                     .at_unix_time = path.at});
        CHECK_FALSE(verdict.trusted());
        CHECK(ids(verdict) == Ids{"iak.no_issuer"});
        return;
    }
    SECTION("an issuer that is no CA") {
        path.intermediate.set("basicConstraints", "critical,CA:FALSE");
        id = "iak.issuer_not_a_ca";
    }
    const auto verdict = judged(path);
    CHECK_FALSE(verdict.trusted());
    const auto all = ids(verdict);
    INFO(Catch::Detail::stringify(all));
    CHECK(std::ranges::find(all, id) != all.end());
}

TEST_CASE("what is no certificate of an IAK is refused by its own reason") {
    auto path = iak_path();
    std::string id;
    SECTION("it does not say that the key is restricted") {
        path.leaf.set("certificatePolicies", "2.23.133.11.1.1,2.23.133.11.1.2");
        id = "iak.restricted_not_verified";
    }
    SECTION("it is not for signatures") {
        path.leaf.set("keyUsage", "critical,keyEncipherment");
        id = "iak.key_usage";
    }
    SECTION("it is a CA's") {
        path.leaf.set("basicConstraints", "critical,CA:TRUE").set("keyUsage", "keyCertSign,digitalSignature");
        path.leaf.set("subjectKeyIdentifier", "hash");
        id = "iak.is_a_ca";
    }
    SECTION("its module name is no sequence") {
        path.leaf.set("subjectAltName", "otherName:1.3.6.1.5.5.7.8.4;UTF8:SN-1");
        id = "iak.hardware_module_malformed";
    }
    SECTION("it has two module names") {
        path.leaf.set("subjectAltName",
                      "otherName:1.3.6.1.5.5.7.8.4;SEQUENCE:module,"
                      "otherName:1.3.6.1.5.5.7.8.4;SEQUENCE:module");
        id = "iak.hardware_module_malformed";
    }
    SECTION("its serial number is empty") {
        path.leaf = iak_certificate_spec("");
        id = "iak.hardware_module_malformed";
    }
    SECTION("its serial number is longer than any") {
        path.leaf = iak_certificate_spec(std::string(257, 'x'));
        id = "iak.hardware_module_malformed";
    }
    SECTION("it names nothing") {
        path.leaf.subject.clear();
        path.leaf.set("subjectAltName", "");
        id = "iak.names_nothing";
    }
    const auto verdict = judged(path);
    const auto all = ids(verdict);
    INFO(Catch::Detail::stringify(all));
    CHECK_FALSE(verdict.trusted());
    CHECK(std::ranges::find(all, id) != all.end());
}

TEST_CASE("an EK certificate is no IAK's, and an IAK's no EK's, though both lead to the root") {
    CHECK(ids(judged(EkPathBuilder())) == Ids{"iak.key_usage", "iak.restricted_not_verified",
                                              "iak.residency_not_verified", "iak.hardware_module_missing",
                                              "iak.quirk.empty_subject"});
    const auto as_ek = iak_path().verify();
    CHECK_FALSE(as_ek.trusted());
    CHECK(as_ek.has(EkReasonKind::eku_missing));
}

TEST_CASE("an IDevID needs to be fixed to its TPM, and need not be restricted") {
    auto path = iak_path();
    path.leaf.set("certificatePolicies", "2.23.133.11.1.1,2.23.133.11.1.2");
    CHECK(judged(path, TpmKeyRole::idevid).trusted());
    CHECK_FALSE(judged(path, TpmKeyRole::iak).trusted());
    path.leaf.set("certificatePolicies", "2.23.133.11.1.1");
    CHECK(ids(judged(path, TpmKeyRole::idevid), TpmKeyRole::idevid) == Ids{"idevid.fixed_not_verified"});
}

TEST_CASE("what an issuer leaves out, or puts elsewhere, is remarked on") {
    auto path = iak_path();
    Ids expected;
    SECTION("no word on residency") {
        path.leaf.set("certificatePolicies", "2.23.133.11.1.3");
        expected = {"iak.residency_not_verified"};
    }
    SECTION("no module name") {
        path.leaf.set("subjectAltName", "");
        expected = {"iak.hardware_module_missing"};
    }
    SECTION("the capabilities are extended key usages") {
        path.leaf.set("certificatePolicies", "").set("extendedKeyUsage", kIakPolicies);
        expected = {"iak.quirk.capability_in_eku"};
    }
    const auto verdict = judged(path);
    CHECK(ids(verdict) == expected);
    CHECK(verdict.trusted());
}

TEST_CASE("a hardware module is read as type and serial number") {
    const auto read = [](const std::string& serial) {
        auto path = iak_path();
        path.leaf = iak_certificate_spec(serial);
        return device_certificate(path.make().leaf).value().module.value();
    };
    CHECK(read("MXQ-1234") == HardwareModule{"2.23.133.1.2", "MXQ-1234"});
    CHECK(read("\x1b[31m").serial == "1b5b33316d");
}

TEST_CASE("each kind of reason has an id of its own in each role") {
    for (const auto role : {TpmKeyRole::ek, TpmKeyRole::iak, TpmKeyRole::idevid}) {
        std::set<std::string> seen;
        const std::string prefix = role == TpmKeyRole::ek    ? "ek."
                                   : role == TpmKeyRole::iak ? "iak."
                                                             : "idevid.";
        for (std::size_t i = 0; i < kEkReasons.size(); ++i) {
            const auto kind = static_cast<EkReasonKind>(i);
            const auto id = reason_id(role, kind);
            CHECK(id.starts_with(prefix));
            // The two usages are of different roles, and are never told together.
            if (kind != EkReasonKind::signing_usage) CHECK(seen.insert(id).second);
        }
    }
}
