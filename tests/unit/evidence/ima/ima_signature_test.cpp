#include "evidence/ima/ima_signature.h"

#include <catch2/catch.hpp>

#include "tests/support/builders/ima_signer.h"

using namespace assay;
using namespace assay::tcg;
using namespace assay::test;

TEST_CASE("a file's signature verifies with its key, over its digest, and otherwise never") {
    for (const auto key : {Key::p256, Key::p384, Key::rsa2048}) {
        const auto signer = ImaSigner::from_public_key(ima_public_key(key));
        REQUIRE(signer);
        for (const auto kind : {ImaSignature::Kind::file, ImaSignature::Kind::verity}) {
            const auto digest = sha256(as_view("file"));
            const auto bytes = ima_signature(key, digest, kind);
            const auto signature = parse_ima_signature(bytes);
            REQUIRE(signature);
            CHECK(signature->key_id == signer->key_id());
            CHECK(signer->verifies(*signature, digest.view()));
            CHECK_FALSE(signer->verifies(*signature, sha256(as_view("other")).view()));
            CHECK_FALSE(signer->verifies(*signature, {}));
            auto other_kind = *signature;
            other_kind.kind =
                kind == ImaSignature::Kind::file ? ImaSignature::Kind::verity : ImaSignature::Kind::file;
            CHECK_FALSE(signer->verifies(other_kind, digest.view()));
            auto changed = *signature;
            changed.signature.back() ^= std::byte{1};
            CHECK_FALSE(signer->verifies(changed, digest.view()));
        }
    }
    const auto other = ImaSigner::from_public_key(ima_public_key(Key::p384));
    const auto digest = sha256(as_view("file"));
    CHECK_FALSE(other->verifies(*parse_ima_signature(ima_signature(Key::p256, digest)), digest.view()));
}

TEST_CASE("what is no signature of a known form is refused") {
    const auto good = ima_signature(Key::p256, sha256(as_view("file")));
    for (std::size_t size = 0; size < good.size(); ++size)
        CHECK_FALSE(parse_ima_signature(ByteView(good).first(size)));
    const auto with = [&](std::size_t at, unsigned char value) {
        auto bytes = good;
        bytes.at(at) = std::byte{value};
        return parse_ima_signature(bytes).error().code;
    };
    CHECK(with(0, 1) == ErrorCode::unsupported);  // IMA_XATTR_DIGEST: a hash, and no signature
    CHECK(with(0, 6) == ErrorCode::unsupported);  // fs-verity has version 3
    CHECK(with(1, 1) == ErrorCode::unsupported);
    CHECK(with(2, 1) == ErrorCode::unsupported);  // MD5
    CHECK(with(7, 0xff) == ErrorCode::limit);
    CHECK_FALSE(ImaSigner::from_public_key(to_bytes("no key")));
    auto trailing = ima_public_key(Key::p256);
    trailing.push_back(std::byte{0});
    CHECK_FALSE(ImaSigner::from_public_key(trailing));
}
