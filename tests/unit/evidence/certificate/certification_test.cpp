// TPM2_Certify: a key of the TPM says that another one is beside it.
#include <algorithm>

#include <catch2/catch.hpp>

#include "evidence/base/byte_writer.h"
#include "evidence/base/hex.h"
#include "tests/support/certificates/iak_builder.h"

using namespace assay;
using namespace assay::tcg;
using namespace assay::test;

namespace {

/// An IAK with its certificate that certifies an AK; a test changes one thing of it.
struct Scene {
    EVP_PKEY* iak_key = shared_key(Key::p256);
    Bytes challenge = to_bytes("the secret of the credential");
    TpmKeyRole role = TpmKeyRole::iak;
    TpmPublic iak = iak_public(iak_key);
    TpmPublic ak = ak_public(shared_key(Key::rsa2048));
    Certificate certificate = iak_path(iak_key).make().leaf;
    Certification certification = valid_certification(iak, ak, challenge);
    std::function<Bytes(Bytes)> attest_changed = [](Bytes attest) { return attest; };
    EVP_PKEY* signing_key = iak_key;
    std::function<void(Signature&)> signature_changed = [](Signature&) {};

    [[nodiscard]] std::vector<EkReasonKind> judged() const {
        const auto attest = attest_changed(encode_certification(certification));
        const auto scheme =
            EVP_PKEY_get_base_id(signing_key) == EVP_PKEY_RSA ? Scheme::rsapss : Scheme::ecdsa;
        auto signature = sign(signing_key, attest, scheme);
        signature_changed(signature);
        const auto signer_public = encode_tpm_public(iak);
        const auto ak_public_area = encode_tpm_public(ak);
        const auto signature_bytes = encode_signature(signature);
        std::vector<EkReasonKind> kinds;
        for (const auto& reason : judge_certification({.role = role,
                                                       .certificate = certificate,
                                                       .signer_public = signer_public,
                                                       .ak_public = ak_public_area,
                                                       .challenge = challenge,
                                                       .attest = attest,
                                                       .signature = signature_bytes}))
            kinds.push_back(reason.kind);
        return kinds;
    }
};

using Kinds = std::vector<EkReasonKind>;
using K = EkReasonKind;

}  // namespace

TEST_CASE("a certification is read as it was written") {
    const Scene scene;
    CHECK(parse_certification(encode_certification(scene.certification)).value() == scene.certification);
}

TEST_CASE("an AK that the IAK certifies for this challenge is vouched for") {
    CHECK(Scene().judged().empty());
}

TEST_CASE("an IAK of each kind vouches, by its own scheme") {
    const auto kind = GENERATE(Key::p256, Key::p384, Key::rsa2048);
    Scene scene;
    scene.iak_key = scene.signing_key = shared_key(kind);
    scene.iak = iak_public(scene.iak_key);
    if (kind == Key::rsa2048) scene.iak.scheme.scheme = Scheme::rsapss;
    scene.certificate = iak_path(scene.iak_key).make().leaf;
    scene.certification = valid_certification(scene.iak, scene.ak, scene.challenge);
    CHECK(scene.judged().empty());
}

TEST_CASE("a quote in place of a certification is refused by its type, and so is another magic") {
    Scene scene;
    SECTION("a quote, signed by the IAK") {
        scene.attest_changed = [&](const Bytes&) { return encode_quote(valid_quote()); };
    }
    SECTION("its type alone") {
        scene.attest_changed = [&](const Bytes&) {
            return encode_certification(scene.certification, kTpmGenerated, kAttestQuote);
        };
    }
    SECTION("another magic") {
        scene.attest_changed = [&](const Bytes&) {
            return encode_certification(scene.certification, 0xff54'4346);
        };
    }
    SECTION("an octet more") {
        scene.attest_changed = [](Bytes attest) {
            attest.push_back(std::byte{0});
            return attest;
        };
    }
    SECTION("no name") {
        scene.certification.name.clear();
    }
    SECTION("no qualified name") {
        scene.certification.qualified_name.clear();
    }
    CHECK(scene.judged() == Kinds{K::certify_malformed});
}

TEST_CASE("a certification is no quote") {
    const auto parsed = parse_quote(encode_certification(Scene().certification));
    REQUIRE_FALSE(parsed);
    CHECK_THAT(parsed.error().context, Catch::Contains("TPM_ST_ATTEST_CERTIFY"));
}

TEST_CASE("a certification cut anywhere is refused with an offset inside it") {
    const Bytes whole = encode_certification(Scene().certification);
    for (std::size_t size = 0; size < whole.size(); ++size) {
        const auto parsed = parse_certification(ByteView(whole).first(size));
        INFO(size);
        REQUIRE_FALSE(parsed);
        CHECK(parsed.error().code == ErrorCode::truncated);
        REQUIRE(parsed.error().offset);
        CHECK(*parsed.error().offset <= size);
    }
    CHECK(parse_certification(Bytes(4097)).error().code == ErrorCode::limit);
}

TEST_CASE("what the IAK signs must be about this AK, this challenge, and by this IAK") {
    Scene scene;
    SECTION("another AK") {
        scene.certification.name.back() ^= std::byte{1};
        CHECK(scene.judged() == Kinds{K::certify_name});
    }
    SECTION("the answer to another challenge") {
        scene.certification.extra_data =
            to_bytes(certify_qualifying_data(TpmKeyRole::iak, as_view("another")).view());
        CHECK(scene.judged() == Kinds{K::certify_challenge});
    }
    SECTION("the challenge itself, without the domain") {
        scene.certification.extra_data = to_bytes(sha256(scene.challenge).view());
        CHECK(scene.judged() == Kinds{K::certify_challenge});
    }
    SECTION("what an IDevID signs") {
        scene.certification.extra_data =
            to_bytes(certify_qualifying_data(TpmKeyRole::idevid, scene.challenge).view());
        CHECK(scene.judged() == Kinds{K::certify_challenge});
    }
    SECTION("another signer's name") {
        scene.certification.qualified_signer.back() ^= std::byte{1};
        CHECK(scene.judged() == Kinds{K::certify_signer});
    }
    SECTION("signed by another key") {
        scene.signing_key = fresh_key(Key::p256).release();
        CHECK(scene.judged() == Kinds{K::certify_signature});
        EVP_PKEY_free(scene.signing_key);
    }
    SECTION("signed over SHA-1") {
        scene.signature_changed = [](Signature& signature) { signature.hash = HashAlgorithm::sha1; };
        CHECK(scene.judged() == Kinds{K::certify_scheme});
    }
    SECTION("signed by the scheme of another type of key") {
        scene.signing_key = shared_key(Key::rsa2048);
        CHECK(scene.judged() == Kinds{K::certify_scheme});
    }
    SECTION("with the certificate of another IAK") {
        scene.certificate = iak_path(shared_key(Key::p384)).make().leaf;
        CHECK(scene.judged() == Kinds{K::key_differs});
    }
    SECTION("with a key that signs anything") {
        scene.iak.attributes = ObjectAttributes(scene.iak.attributes.bits() & ~ObjectAttributes::kRestricted);
        scene.certification = valid_certification(scene.iak, scene.ak, scene.challenge);
        CHECK(scene.judged() == Kinds{K::not_restricted});
    }
    SECTION("with a key that pretends to be restricted") {
        auto real = scene.iak;
        real.attributes = ObjectAttributes(real.attributes.bits() & ~ObjectAttributes::kRestricted);
        scene.certification = valid_certification(real, scene.ak, scene.challenge);
        CHECK(scene.judged() == Kinds{K::certify_signer});
    }
}

TEST_CASE("an IDevID vouches in its own domain, with the scheme of its signature where it has none") {
    Scene scene;
    scene.role = TpmKeyRole::idevid;
    using A = ObjectAttributes;
    scene.iak.attributes = A(scene.iak.attributes.bits() & ~A::kRestricted);
    scene.iak.scheme = {};
    scene.certification = valid_certification(scene.iak, scene.ak, scene.challenge, TpmKeyRole::idevid);
    CHECK(scene.judged().empty());
    scene.role = TpmKeyRole::iak;
    CHECK(std::ranges::count(scene.judged(), K::certify_challenge) == 1);
}

TEST_CASE("the qualified name of a primary key is the hash over the hierarchy's handle and its name") {
    const auto area = encode_tpm_public(ak_public(shared_key(Key::p256)));
    const auto name = compute_name(area).value();
    const auto expected = ByteWriter()
                              .u16be(0x000b)
                              .bytes(sha256(ByteWriter().u32be(0x4000'000b).bytes(name).view()).view())
                              .take();
    CHECK(endorsement_qualified_name(area).value() == expected);
}
