#include "evidence/tpm/key/tpm_public.h"

#include <catch2/catch.hpp>

#include "evidence/base/hex.h"
#include "evidence/tpm/key/credential.h"
#include "tests/support/tpm/tpm_builder.h"

using namespace assay;
using namespace assay::tcg;
using namespace assay::test;
using A = ObjectAttributes;
using test::Key;

namespace {

TpmPublic without(TpmPublic key, std::uint32_t attribute) {
    key.attributes = A(key.attributes.bits() & ~attribute);
    return key;
}
TpmPublic with(TpmPublic key, std::uint32_t attribute) {
    key.attributes = A(key.attributes.bits() | attribute);
    return key;
}

}  // namespace

TEST_CASE("a public area is read as it was written") {
    const auto kind = GENERATE(Key::rsa2048, Key::rsa3072, Key::p256, Key::p384, Key::p521);
    const TpmPublic ak = ak_public(shared_key(kind));
    CHECK(parse_tpm_public(encode_tpm_public(ak)).value() == ak);
    const TpmPublic ek = ek_public(shared_key(kind));
    CHECK(parse_tpm_public(encode_tpm_public(ek)).value() == ek);
}

TEST_CASE("the exponent 0 of a public area means 65537, and every other one is itself") {
    TpmPublic key = ak_public(shared_key(Key::rsa2048));
    const Bytes usual = encode_tpm_public(key);
    const std::size_t exponent_at = 2 + 2 + 4 + 2 + 2 + 4 + 2;
    CHECK(to_hex(ByteView(usual).subspan(exponent_at, 4)) == "00000000");
    CHECK(std::get<RsaPublic>(parse_tpm_public(usual)->key).exponent == 65537);
    std::get<RsaPublic>(key.key).exponent = 3;
    CHECK(std::get<RsaPublic>(parse_tpm_public(encode_tpm_public(key))->key).exponent == 3);
    std::get<RsaPublic>(key.key).exponent = 4;
    CHECK(parse_tpm_public(encode_tpm_public(key)).error().offset == exponent_at);
}

TEST_CASE("a public area cut anywhere is refused with an offset inside it") {
    const Bytes whole = encode_tpm_public(ek_public(shared_key(GENERATE(Key::rsa2048, Key::p256))));
    for (std::size_t size = 0; size < whole.size(); ++size) {
        const auto parsed = parse_tpm_public(ByteView(whole).first(size));
        INFO(size);
        REQUIRE_FALSE(parsed);
        CHECK(parsed.error().code == ErrorCode::truncated);
        CHECK(parsed.error().offset.value_or(9999) <= size);
    }
    Bytes longer = whole;
    longer.push_back(std::byte{0});
    CHECK(parse_tpm_public(longer).error().offset == whole.size());
}

TEST_CASE("a SHA-1 name algorithm, an unknown type, curve or scheme is unsupported") {
    Bytes area = encode_tpm_public(ak_public(shared_key(Key::p256)));
    const auto [at, low_byte] = GENERATE(table<std::size_t, int>({{3, 0x04},      // nameAlg
                                                                  {1, 0x08},      // type: KEYEDHASH
                                                                  {13, 0x1a},     // scheme: ECDAA
                                                                  {13, 0x14},     // scheme: RSASSA on ECC
                                                                  {15, 0x12},     // scheme hash: SM3
                                                                  {17, 0x10}}));  // curve: BN P-256
    area.at(at) = static_cast<std::byte>(low_byte);
    INFO(at);
    CHECK(parse_tpm_public(area).error().code == ErrorCode::unsupported);
}

TEST_CASE("a reserved attribute bit is refused") {
    TpmPublic key = ak_public(shared_key(Key::p256));
    for (unsigned bit = 0; bit < 32; ++bit) {
        const std::uint32_t attribute = 1U << bit;
        INFO(bit);
        CHECK(parse_tpm_public(encode_tpm_public(with(key, attribute))).has_value() ==
              ((A::kKnown & attribute) != 0));
    }
}

TEST_CASE("a modulus or coordinate of another size than the key's is refused") {
    TpmPublic rsa = ak_public(shared_key(Key::rsa2048));
    auto& modulus = std::get<RsaPublic>(rsa.key).modulus;
    SECTION("shorter") {
        modulus.pop_back();
    }
    SECTION("longer") {
        modulus.insert(modulus.begin(), std::byte{0});
    }
    SECTION("leading zero bit") {
        modulus.front() = std::byte{0x7f};
    }
    SECTION("even") {
        modulus.back() = std::byte{0x02};
    }
    CHECK(parse_tpm_public(encode_tpm_public(rsa)).error().code == ErrorCode::malformed);
    TpmPublic ecc = ak_public(shared_key(Key::p256));
    std::get<EccPublic>(ecc.key).x.resize(33);
    CHECK(parse_tpm_public(encode_tpm_public(ecc)).error().code == ErrorCode::limit);
    std::get<EccPublic>(ecc.key).x.clear();
    CHECK(parse_tpm_public(encode_tpm_public(ecc)).error().code == ErrorCode::malformed);
}

TEST_CASE("the Name is the name algorithm and its digest of the very bytes") {
    TpmPublic key = ak_public(shared_key(Key::p256));
    key.name_algorithm = GENERATE(HashAlgorithm::sha256, HashAlgorithm::sha384, HashAlgorithm::sha512);
    const Bytes area = encode_tpm_public(key);
    const Bytes name = compute_name(area).value();
    CHECK(to_hex(ByteView(name).first(2)) == to_hex(ByteView(area).subspan(2, 2)));
    CHECK(to_hex(ByteView(name).subspan(2)) == hash(key.name_algorithm, {area}).hex());
    CHECK_FALSE(compute_name(ByteView(area).first(area.size() - 1)));
}

TEST_CASE("attributes have the specification's names") {
    CHECK(A(A::kFixedTpm | A::kSign).names() == std::vector<std::string_view>{"fixedTPM", "sign"});
    CHECK(A(A::kKnown).names().size() == 14);
}

TEST_CASE("an attestation key has no violation") {
    const auto kind = GENERATE(Key::rsa2048, Key::rsa3072, Key::p256, Key::p384, Key::p521);
    CHECK(restricted_signing_key_violations(ak_public(shared_key(kind))).empty());
    CHECK(restricted_signing_key_violations(ak_public(shared_key(Key::rsa2048), Scheme::rsapss)).empty());
}

TEST_CASE("each departure from an attestation key is one violation") {
    TpmPublic key = ak_public(shared_key(Key::p256));
    SECTION("not restricted") {
        key = without(key, A::kRestricted);
    }
    SECTION("not fixedTPM") {
        key = without(key, A::kFixedTpm);
    }
    SECTION("not fixedParent") {
        key = without(key, A::kFixedParent);
    }
    SECTION("imported") {
        key = without(key, A::kSensitiveDataOrigin);
    }
    SECTION("not signing") {
        key = without(key, A::kSign);
    }
    SECTION("decrypting too") {
        key = with(key, A::kDecrypt);
    }
    SECTION("no scheme") {
        key.scheme = {};
    }
    SECTION("a key exchange scheme") {
        key.scheme.scheme = Scheme::ecdh;
    }
    SECTION("SHA-1") {
        key.scheme.hash = HashAlgorithm::sha1;
    }
    SECTION("a storage key") {
        key.symmetric = {kAlgorithmAes, 128, kAlgorithmCfb};
    }
    SECTION("RSA-1024") {
        key = ak_public(shared_key(Key::rsa1024));
    }
    SECTION("a small exponent") {
        key = ak_public(shared_key(Key::rsa2048));
        std::get<RsaPublic>(key.key).exponent = 3;
    }
    CHECK(restricted_signing_key_violations(key).size() == 1);
}

TEST_CASE("an EK of the TCG templates has no violation, and each departure is one") {
    TpmPublic ek = ek_public(shared_key(Key::p256));
    CHECK(ek_template_violations(ek).empty());
    CHECK(ek_template_violations(ek_public(shared_key(Key::rsa2048))).empty());
    CHECK(ek_template_violations(ek_public(shared_key(Key::p384))).empty());
    SECTION("not restricted") {
        ek = without(ek, A::kRestricted);
    }
    SECTION("not decrypting") {
        ek = without(ek, A::kDecrypt);
    }
    SECTION("signing") {
        ek = with(ek, A::kSign);
    }
    SECTION("not fixedTPM") {
        ek = without(ek, A::kFixedTpm);
    }
    SECTION("not fixedParent") {
        ek = without(ek, A::kFixedParent);
    }
    SECTION("imported") {
        ek = without(ek, A::kSensitiveDataOrigin);
    }
    SECTION("SHA-1 names") {
        ek.name_algorithm = HashAlgorithm::sha1;
    }
    SECTION("no cipher") {
        ek.symmetric = {};
    }
    SECTION("another mode") {
        ek.symmetric.mode = 0x0042;
    }
    SECTION("another key size") {
        ek.symmetric.key_bits = 192;
    }
    SECTION("RSA-1024") {
        ek = ek_public(shared_key(Key::rsa1024));
    }
    SECTION("P-521") {
        ek = ek_public(shared_key(Key::p521));
    }
    CHECK(ek_template_violations(ek).size() == 1);
}
