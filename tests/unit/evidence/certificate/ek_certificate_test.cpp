#include "evidence/certificate/ek_certificate.h"

#include <catch2/catch.hpp>

#include "evidence/base/byte_writer.h"
#include "tests/support/certificates/ek_path_builder.h"

using namespace assay;
using namespace assay::tcg;
using namespace assay::test;
using test::Key;

namespace {

constexpr std::int64_t kNow = kPathTime;
using Path = EkPathBuilder;

std::string joined(const EkCertificateVerdict& verdict) {
    std::string all;
    for (const auto& reason : verdict.reasons) all += std::string(reason.id()) + ": " + reason.text() + "\n";
    return all;
}

void check_refused(const EkCertificateVerdict& verdict, const std::string& reason) {
    CHECK_FALSE(verdict.trusted());
    CHECK_FALSE(verdict.root_sha256);
    CHECK_THAT(joined(verdict), Catch::Contains(reason));
}

Bytes leaf_der() {
    const Path path;
    return make_certificate(path.leaf, path.leaf_key, path.intermediate_key, nullptr);
}

}  // namespace

TEST_CASE("the TPM's identity, validity, usage and key are read from an EK certificate") {
    const auto leaf = Path().make().leaf;
    CHECK(leaf.subject().empty());
    CHECK(leaf.issuer() == "CN=Test TPM CA");
    CHECK(leaf.not_before() == 1'700'000'000);
    CHECK(leaf.not_after() == 2'000'000'000);
    REQUIRE(leaf.tpm());
    CHECK(leaf.tpm()->manufacturer == "id:54455354");
    CHECK(leaf.tpm()->model == "Model");
    CHECK(leaf.tpm()->version == "id:00010002");
    CHECK(leaf.has_ek_usage());
    CHECK(leaf.key_kind() == "RSA-2048");
    CHECK(leaf.quirks().empty());
    CHECK(leaf.serial().starts_with("10"));
}

TEST_CASE("an EK certificate with an empty subject and a critical SAN leads to its pinned root") {
    const Path path;
    const auto made = path.make();
    const auto verdict =
        verify_ek_certificate(made.leaf, std::span(&made.intermediate, 1), std::span(&made.root, 1), kNow);
    INFO(joined(verdict));
    CHECK(verdict.trusted());
    CHECK(verdict.reasons == std::vector{EkReason{EkReasonKind::quirk_empty_subject, ""}});
    CHECK(verdict.root_sha256 == made.root.sha256());
    CHECK(verdict.chain_subjects == std::vector<std::string>{"", "CN=Test TPM CA", "CN=Test TPM Root"});
}

TEST_CASE("an ECC EK certificate with key agreement is trusted too") {
    Path path;
    path.leaf_key = shared_key(Key::p521);
    path.leaf.set("keyUsage", "critical,keyAgreement");
    CHECK(path.verify().trusted());
}

TEST_CASE("an EK certificate with a key marked for OAEP is judged like any other, by its own signature") {
    Path path;
    path.leaf.oaep_key = true;
    const auto made = path.make();
    CHECK(made.leaf.quirks() == std::vector{EkReasonKind::quirk_oaep_key});
    CHECK(certificate_key_equals(made.leaf, ek_public(shared_key(Key::rsa2048))));
    INFO(joined(path.verify()));
    CHECK(path.verify().trusted());
    path.at = 2'000'000'001;
    check_refused(path.verify(), "certificate 0 of the path: certificate has expired");

    Bytes changed = made.leaf.der();
    changed.back() ^= std::byte{1};
    const auto forged = Certificate::parse(changed).value();
    check_refused(
        verify_ek_certificate(forged, std::span(&made.intermediate, 1), std::span(&made.root, 1), kNow),
        "certificate 0 of the path: certificate signature failure");
}

TEST_CASE("validity of each certificate is judged at the time given") {
    Path path;
    CHECK(path.verify().trusted());
    SECTION("before the path began") {
        path.at = 1'699'999'999;
        check_refused(path.verify(), "not yet valid");
    }
    SECTION("after the path ended") {
        path.at = 2'000'000'001;
        check_refused(path.verify(), "certificate 0 of the path: certificate has expired");
    }
    SECTION("after the intermediate alone ended") {
        path.intermediate.not_after = kNow - 1;
        check_refused(path.verify(), "certificate 1 of the path: certificate has expired");
    }
    SECTION("in the last second before the end") {
        path.at = 1'999'999'999;
        CHECK(path.verify().trusted());
    }
}

TEST_CASE("a path is refused for the one thing that is wrong with it") {
    Path path;
    SECTION("an intermediate without the CA flag") {
        path.intermediate.set("basicConstraints", "critical,CA:FALSE");
        check_refused(path.verify(), "certificate 1 of the path: invalid CA certificate");
    }
    SECTION("an intermediate without basic constraints") {
        path.intermediate.set("basicConstraints", "");
        check_refused(path.verify(), "certificate 1 of the path: invalid CA certificate");
    }
    SECTION("an intermediate that may not sign certificates") {
        path.intermediate.set("keyUsage", "critical,digitalSignature");
        check_refused(path.verify(), "usage");
    }
    SECTION("a root that allows no intermediate") {
        path.root.set("basicConstraints", "critical,CA:TRUE,pathlen:0");
        check_refused(path.verify(), "path length constraint exceeded");
    }
    SECTION("no intermediate sent") {
        path.send_intermediate = false;
        check_refused(path.verify(), "unable to get local issuer certificate");
    }
    SECTION("an unknown critical extension") {
        path.leaf.extensions.emplace_back("1.2.3.4.5", "critical,DER:0500");
        check_refused(path.verify(), "unhandled critical extension");
    }
    SECTION("a signature over SHA-1") {
        path.leaf.hash = "SHA1";
        check_refused(path.verify(), "CA signature digest algorithm too weak");
    }
    SECTION("an RSA-1024 EK") {
        path.leaf_key = shared_key(Key::rsa1024);
        check_refused(path.verify(), "EE certificate key too weak");
    }
    SECTION("no EK usage") {
        path.leaf.set("extendedKeyUsage", "");
        check_refused(path.verify(), "2.23.133.8.1");
    }
    SECTION("another extended usage") {
        path.leaf.set("extendedKeyUsage", "2.23.133.8.3");
        check_refused(path.verify(), "2.23.133.8.1");
    }
    SECTION("a leaf for signatures alone") {
        path.leaf.set("keyUsage", "critical,digitalSignature");
        check_refused(path.verify(), "key usage");
    }
    SECTION("a leaf that is a CA's") {
        path.leaf.set("basicConstraints", "critical,CA:TRUE")
            .set("keyUsage", "critical,keyCertSign,keyEncipherment");
        path.leaf.set("subjectKeyIdentifier", "hash");
        check_refused(path.verify(), "a CA's");
    }
    SECTION("a leaf that names nothing") {
        path.leaf.set("subjectAltName", "");
        check_refused(path.verify(), "names nothing");
    }
}

TEST_CASE("a rogue CA with the pinned root's very name is not the pinned root") {
    const auto honest = Path().make();
    Path rogue;
    rogue.root_key = shared_key(Key::p521);
    const auto forged = rogue.make();
    const Certificate* const intermediates = &forged.intermediate;
    CHECK_FALSE(
        verify_ek_certificate(forged.leaf, std::span(intermediates, 1), std::span(&honest.root, 1), kNow)
            .trusted());
    // Nor does sending the rogue root along make it one.
    std::vector<Certificate> sent;
    sent.push_back(Certificate::parse(forged.intermediate.der()).value());
    sent.push_back(Certificate::parse(forged.root.der()).value());
    const auto verdict = verify_ek_certificate(forged.leaf, sent, std::span(&honest.root, 1), kNow);
    CHECK_FALSE(verdict.trusted());
    CHECK_FALSE(verdict.reasons.empty());
}

TEST_CASE(
    "a self-signed EK certificate, pinned roots missing or the leaf itself pinned: nothing is trusted") {
    Path path;
    path.leaf.issuer = "Self";
    path.leaf.subject = "Self";
    path.leaf.set("subjectKeyIdentifier", "hash").set("authorityKeyIdentifier", "");
    const auto self =
        Certificate::parse(make_certificate(path.leaf, path.leaf_key, path.leaf_key, nullptr)).value();
    const auto honest = Path().make();
    CHECK_FALSE(verify_ek_certificate(self, {}, std::span(&honest.root, 1), kNow).trusted());
    CHECK_FALSE(verify_ek_certificate(self, {}, std::span(&self, 1), kNow).trusted());
    const auto verdict = verify_ek_certificate(honest.leaf, std::span(&honest.intermediate, 1), {}, kNow);
    CHECK_FALSE(verdict.trusted());
    CHECK_FALSE(verdict.reasons.empty());
}

TEST_CASE("no change of any byte of an EK certificate is trusted") {
    const auto made = Path().make();
    std::size_t parsed_count = 0;
    for (std::size_t at = 0; at < made.leaf.der().size(); ++at) {
        Bytes changed = made.leaf.der();
        changed[at] ^= std::byte{1};
        const auto parsed = Certificate::parse(changed);
        if (!parsed) continue;
        ++parsed_count;
        INFO(at);
        CHECK_FALSE(
            verify_ek_certificate(*parsed, std::span(&made.intermediate, 1), std::span(&made.root, 1), kNow)
                .trusted());
    }
    CHECK(parsed_count > 100);  // most changes still parse: what refuses them is the signature
}

TEST_CASE("padding after the certificate and the TCG header before it are removed, and named") {
    const Bytes der = leaf_der();
    const auto filler = GENERATE(std::byte{0x00}, std::byte{0xff});
    Bytes padded = der;
    padded.resize(der.size() + 100, filler);
    const auto from_padded = Certificate::parse(padded).value();
    CHECK(from_padded.der() == der);
    CHECK(from_padded.quirks() == std::vector{EkReasonKind::quirk_padding});

    ByteWriter stored;
    stored.u16be(0x1001).u8(0).u16be(static_cast<std::uint16_t>(der.size() + 2)).u16be(0x1002).bytes(padded);
    const auto from_stored = Certificate::parse(stored.view()).value();
    CHECK(from_stored.der() == der);
    CHECK(from_stored.quirks() == std::vector{EkReasonKind::quirk_tcg_header, EkReasonKind::quirk_padding});
}

TEST_CASE("what follows the certificate and is no padding is refused at its offset") {
    Bytes der = leaf_der();
    const std::size_t size = der.size();
    der.resize(size + 3);
    der.back() = std::byte{1};
    CHECK(Certificate::parse(der).error().offset == size);
}

TEST_CASE("a certificate cut anywhere is refused") {
    const Bytes der = leaf_der();
    for (std::size_t size = 0; size < der.size(); ++size) {
        INFO(size);
        CHECK_FALSE(Certificate::parse(ByteView(der).first(size)));
    }
    CHECK(Certificate::parse(Bytes(16385)).error().code == ErrorCode::limit);
}

TEST_CASE("a certificate is about a key only where every number is the same") {
    const auto leaf = Path().make().leaf;
    TpmPublic key = ek_public(shared_key(Key::rsa2048));
    CHECK(certificate_key_equals(leaf, key));
    CHECK_FALSE(certificate_key_equals(leaf, ek_public(shared_key(Key::p256))));
    CHECK_FALSE(certificate_key_equals(leaf, ek_public(shared_key(Key::rsa3072))));
    std::get<RsaPublic>(key.key).exponent = 3;
    CHECK_FALSE(certificate_key_equals(leaf, key));

    Path path;
    path.leaf_key = shared_key(Key::p256);
    const auto ecc = path.make().leaf;
    TpmPublic point = ek_public(shared_key(Key::p256));
    CHECK(certificate_key_equals(ecc, point));
    CHECK_FALSE(certificate_key_equals(ecc, ek_public(shared_key(Key::p384))));
    std::get<EccPublic>(point.key).y.back() ^= std::byte{1};
    CHECK_FALSE(certificate_key_equals(ecc, point));
}
