#include "evidence/tpm/key/signature.h"

#include <thread>

#include <catch2/catch.hpp>

#include "tests/support/tpm/tpm_builder.h"

using namespace assay;
using namespace assay::tcg;
using namespace assay::test;
using test::Key;

namespace {

struct Signer {
    Key key;
    Scheme scheme;
    HashAlgorithm hash;
};

Signer any_signer() {
    return GENERATE(Signer{Key::p256, Scheme::ecdsa, HashAlgorithm::sha256},
                    Signer{Key::p256, Scheme::ecdsa, HashAlgorithm::sha512},
                    Signer{Key::p384, Scheme::ecdsa, HashAlgorithm::sha384},
                    Signer{Key::p521, Scheme::ecdsa, HashAlgorithm::sha512},
                    Signer{Key::rsa2048, Scheme::rsassa, HashAlgorithm::sha256},
                    Signer{Key::rsa2048, Scheme::rsapss, HashAlgorithm::sha256},
                    Signer{Key::rsa3072, Scheme::rsassa, HashAlgorithm::sha384});
}

VerifyKey verify_key(const Signer& signer) {
    return VerifyKey::from(ak_public(shared_key(signer.key), signer.scheme, signer.hash)).value();
}

const Signer kP256{Key::p256, Scheme::ecdsa, HashAlgorithm::sha256};
const Signer kRsa{Key::rsa2048, Scheme::rsassa, HashAlgorithm::sha256};

Signature signed_by(const Signer& signer, ByteView message) {
    return test::sign(shared_key(signer.key), message, signer.scheme, signer.hash);
}

/// The order of P-256, and the numbers next to it (SEC 2, 2.4.2).
Bytes p256_order(int plus) {
    BIGNUM* number = nullptr;
    require(EVP_PKEY_get_bn_param(shared_key(Key::p256), OSSL_PKEY_PARAM_EC_ORDER, &number) == 1, "order");
    if (plus < 0) BN_sub_word(number, static_cast<BN_ULONG>(-plus));
    if (plus > 0) BN_add_word(number, static_cast<BN_ULONG>(plus));
    Bytes bytes(32);
    BN_bn2binpad(number, as_writable_uchar(bytes), 32);
    BN_free(number);
    return bytes;
}

}  // namespace

TEST_CASE("a signature of the key over the message is valid, whatever its scheme") {
    const Signer signer = any_signer();
    const Bytes quote = encode_quote(valid_quote());
    const Bytes encoded = encode_signature(signed_by(signer, quote));
    const auto signature = parse_signature(encoded);
    REQUIRE(signature);
    CHECK(encode_signature(*signature) == encoded);
    CHECK(verify_key(signer).verify(quote, *signature) == SignatureVerdict::valid);
}

TEST_CASE("no change of any byte of a quote or of its signature verifies") {
    const Signer signer = GENERATE(kP256, kRsa);
    const VerifyKey key = verify_key(signer);
    const Bytes quote = encode_quote(valid_quote());
    const Bytes signature = encode_signature(signed_by(signer, quote));
    const auto parsed = parse_signature(signature).value();
    for (std::size_t at = 0; at < quote.size(); ++at) {
        Bytes changed = quote;
        changed[at] ^= std::byte{1};
        INFO("quote byte " << at);
        CHECK(key.verify(changed, parsed) == SignatureVerdict::invalid);
    }
    for (std::size_t at = 0; at < signature.size(); ++at) {
        Bytes changed = signature;
        changed[at] ^= std::byte{1};
        const auto reparsed = parse_signature(changed);
        INFO("signature byte " << at);
        CHECK((!reparsed || key.verify(quote, *reparsed) != SignatureVerdict::valid));
    }
}

TEST_CASE("a signature by another key of the same kind is invalid") {
    const auto other = fresh_key(Key::p256);
    const Bytes quote = encode_quote(valid_quote());
    CHECK(verify_key(kP256).verify(quote, test::sign(other.get(), quote, Scheme::ecdsa)) ==
          SignatureVerdict::invalid);
}

TEST_CASE("a scheme or hash that the public area does not fix is told apart from a wrong signature") {
    const Bytes quote = encode_quote(valid_quote());
    EVP_PKEY* rsa = shared_key(Key::rsa2048);
    const auto verdict = [&](const Signer& key, const Signature& signature) {
        return verify_key(key).verify(quote, signature);
    };
    CHECK(verdict(kRsa, test::sign(rsa, quote, Scheme::rsapss)) == SignatureVerdict::scheme_not_the_keys);
    CHECK(verdict(kRsa, test::sign(rsa, quote, Scheme::rsassa, HashAlgorithm::sha384)) ==
          SignatureVerdict::scheme_not_the_keys);
    CHECK(verdict(kRsa, signed_by(kP256, quote)) == SignatureVerdict::scheme_not_the_keys);
    CHECK(verdict(kP256, signed_by(kRsa, quote)) == SignatureVerdict::scheme_not_the_keys);
}

TEST_CASE("a key that fixes no scheme verifies each scheme of its type") {
    TpmPublic open = ak_public(shared_key(Key::rsa2048));
    open.scheme = {};
    const VerifyKey key = VerifyKey::from(open).value();
    const Bytes quote = encode_quote(valid_quote());
    for (const Scheme scheme : {Scheme::rsassa, Scheme::rsapss}) {
        CHECK(key.verify(quote, test::sign(shared_key(Key::rsa2048), quote, scheme)) ==
              SignatureVerdict::valid);
    }
}

TEST_CASE("a right signature over SHA-1 is not allowed") {
    TpmPublic weak = ak_public(shared_key(Key::rsa2048), Scheme::rsassa, HashAlgorithm::sha1);
    const Bytes quote = encode_quote(valid_quote());
    const Signature signature =
        test::sign(shared_key(Key::rsa2048), quote, Scheme::rsassa, HashAlgorithm::sha1);
    CHECK(VerifyKey::from(weak)->verify(quote, signature) == SignatureVerdict::hash_not_allowed);
}

TEST_CASE("r or s of zero, of the order and above it are malformed values") {
    const Bytes quote = encode_quote(valid_quote());
    const Bytes bad = GENERATE(Bytes{}, Bytes(32), Bytes(1), p256_order(0), p256_order(1),
                               Bytes(32, std::byte{0xff}), Bytes(33, std::byte{1}));
    Signature signature = signed_by(kP256, quote);
    (GENERATE(true, false) ? signature.r : signature.s) = bad;
    CHECK(verify_key(kP256).verify(quote, signature) == SignatureVerdict::malformed_value);
}

TEST_CASE("r longer than the order is a malformed value, even by a leading zero") {
    const Bytes quote = encode_quote(valid_quote());
    Signature padded = signed_by(kP256, quote);
    CHECK(verify_key(kP256).verify(quote, padded) == SignatureVerdict::valid);
    padded.r.insert(padded.r.begin(), std::byte{0});
    CHECK(verify_key(kP256).verify(quote, padded) == SignatureVerdict::malformed_value);
}

TEST_CASE("s just inside its range is judged by the signature, however short it is") {
    const Bytes quote = encode_quote(valid_quote());
    Signature signature = signed_by(kP256, quote);
    signature.s = p256_order(-1);
    CHECK(verify_key(kP256).verify(quote, signature) == SignatureVerdict::invalid);
    signature.s = Bytes{std::byte{1}};
    CHECK(verify_key(kP256).verify(quote, signature) == SignatureVerdict::invalid);
}

TEST_CASE("an RSA value of another size than the modulus is a malformed value") {
    const Bytes quote = encode_quote(valid_quote());
    Signature signature = signed_by(kRsa, quote);
    SECTION("shorter") {
        signature.rsa.pop_back();
    }
    SECTION("longer") {
        signature.rsa.insert(signature.rsa.begin(), std::byte{0});
    }
    SECTION("empty") {
        signature.rsa.clear();
    }
    CHECK(verify_key(kRsa).verify(quote, signature) == SignatureVerdict::malformed_value);
}

TEST_CASE("a point off its curve, at the field's end or zero makes no key") {
    TpmPublic key = ak_public(shared_key(GENERATE(Key::p256, Key::p384, Key::p521)));
    auto& point = std::get<EccPublic>(key.key);
    SECTION("y changed") {
        point.y.back() ^= std::byte{1};
    }
    SECTION("all ones") {
        point.x.assign(point.x.size(), std::byte{0xff});
    }
    SECTION("zero") {
        point.x.assign(point.x.size(), std::byte{0});
        point.y.assign(point.y.size(), std::byte{0});
    }
    CHECK(VerifyKey::from(key).error().code == ErrorCode::crypto);
}

TEST_CASE("RSA of 1024 bits makes no key") {
    CHECK(VerifyKey::from(ak_public(shared_key(Key::rsa1024))).error().code == ErrorCode::crypto);
}

TEST_CASE("a signature cut anywhere, with more bytes, or of another kind is refused") {
    const Bytes whole = encode_signature(signed_by(GENERATE(kP256, kRsa), as_view("message")));
    for (std::size_t size = 0; size < whole.size(); ++size) {
        const auto parsed = parse_signature(ByteView(whole).first(size));
        INFO(size);
        REQUIRE_FALSE(parsed);
        CHECK(parsed.error().code == ErrorCode::truncated);
        CHECK(parsed.error().offset.value_or(9999) <= size);
    }
    Bytes longer = whole;
    longer.push_back(std::byte{0});
    CHECK(parse_signature(longer).error().offset == whole.size());
    Bytes hmac = whole;
    hmac[1] = std::byte{0x05};
    CHECK(parse_signature(hmac).error().code == ErrorCode::unsupported);
    Bytes sm3 = whole;
    sm3[3] = std::byte{0x12};
    CHECK(parse_signature(sm3).error().code == ErrorCode::unsupported);
    CHECK(parse_signature(Bytes(2049)).error().code == ErrorCode::limit);
}

TEST_CASE("one key verifies in many threads at once, and after being moved") {
    const Bytes quote = encode_quote(valid_quote());
    const Signature signature = signed_by(kP256, quote);
    VerifyKey made = verify_key(kP256);
    const VerifyKey key = std::move(made);
    std::atomic<int> valid = 0;
    {
        std::vector<std::jthread> threads;
        for (int t = 0; t < 4; ++t) {
            threads.emplace_back([&] {
                for (int i = 0; i < 50; ++i)
                    valid += key.verify(quote, signature) == SignatureVerdict::valid ? 1 : 0;
            });
        }
    }
    CHECK(valid == 200);
}
