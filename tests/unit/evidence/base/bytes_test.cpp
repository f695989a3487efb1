#include <catch2/catch.hpp>

#include "evidence/base/byte_reader.h"
#include "evidence/base/byte_writer.h"
#include "evidence/base/digest.h"
#include "evidence/base/hex.h"

using namespace assay;

TEST_CASE("integers are read in the byte order that is asked for, and the writer is the reader's twin") {
    const auto bytes = ByteWriter()
                           .u8(1)
                           .u16le(0x0203)
                           .u32le(0x04050607)
                           .u64le(8)
                           .u16be(0x0203)
                           .u32be(0x04050607)
                           .u64be(8)
                           .tpm2b(to_bytes("ab"))
                           .take();
    CHECK(to_hex(ByteView(bytes).first(3)) == "010302");
    const auto read = parse_exact(bytes, "test", [](ByteReader& in) {
        CHECK(in.u8("") == 1);
        CHECK(in.u16le("") == 0x0203);
        CHECK(in.u32le("") == 0x04050607);
        CHECK(in.u64le("") == 8);
        CHECK(in.u16be("") == 0x0203);
        CHECK(in.u32be("") == 0x04050607);
        CHECK(in.u64be("") == 8);
        return std::string(as_text(in.tpm2b(2, "")));
    });
    CHECK(read == "ab");
}

TEST_CASE("the first error sticks with its offset; after it come zeros and empty views") {
    const auto bytes = to_bytes("abc");
    ByteReader in(bytes, 100);
    in.u8("first");
    CHECK(in.u32le("second") == 0);
    CHECK(in.u8("third") == 0);
    CHECK(in.bytes(1, "fourth").empty());
    CHECK(in.remaining() == 0);
    REQUIRE(in.error());
    CHECK(in.error()->offset == 101);
    CHECK(in.error()->code == ErrorCode::truncated);
    CHECK(in.error()->context.find("second") != std::string::npos);
}

TEST_CASE("sizes and counts are checked against their limit and against what is left") {
    const auto bytes = to_bytes("abcdefgh");
    const auto code = [&](auto act) {
        ByteReader in(bytes);
        act(in);
        return in.error() ? in.error()->code : ErrorCode::internal;
    };
    CHECK(code([](ByteReader& in) { in.bytes(5, 4, "x"); }) == ErrorCode::limit);
    CHECK(code([](ByteReader& in) { in.bytes(9, 100, "x"); }) == ErrorCode::truncated);
    CHECK(code([](ByteReader& in) { in.bytes(SIZE_MAX, SIZE_MAX, "x"); }) == ErrorCode::truncated);
    CHECK(code([](ByteReader& in) { in.check_count(5, 1, 4, "x"); }) == ErrorCode::limit);
    CHECK(code([](ByteReader& in) { in.check_count(5, 2, 10, "x"); }) == ErrorCode::truncated);
    CHECK(code([](ByteReader& in) { in.check_count(SIZE_MAX, SIZE_MAX, SIZE_MAX, "x"); }) ==
          ErrorCode::truncated);
    CHECK(code([](ByteReader& in) { CHECK(in.check_count(4, 2, 4, "x")); }) == ErrorCode::internal);
    CHECK(code([](ByteReader& in) { in.tpm2b(100, "x"); }) == ErrorCode::limit);  // "ab" is 24,930
}

TEST_CASE("what is left over is an error") {
    const auto bytes = to_bytes("ab");
    const auto result = parse_exact(bytes, "test", [](ByteReader& in) { return in.u8(""); });
    REQUIRE_FALSE(result);
    CHECK(result.error().offset == 1);
    CHECK(describe(result.error()).starts_with("test: 1 bytes left over"));
}

TEST_CASE("hex goes both ways and takes nothing else") {
    CHECK(to_hex(*from_hex("00fFAb", 3)) == "00ffab");
    for (const auto* bad : {"0", "0g", " 00", "00 ", "0x00", "000000 "}) CHECK_FALSE(from_hex(bad, 100));
    CHECK(from_hex("0000", 1).error().code == ErrorCode::limit);
}

TEST_CASE("base64url has the vectors of RFC 4648 section 10, without padding") {
    const std::vector<std::pair<std::string, std::string>> cases{
        {"", ""},           {"f", "Zg"},          {"fo", "Zm8"},          {"foo", "Zm9v"},
        {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}, {"\xfb\xff", "-_8"}};
    for (const auto& [plain, encoded] : cases) {
        CHECK(to_base64url(as_view(plain)) == encoded);
        CHECK(from_base64url(encoded, 10) == to_bytes(plain));
    }
    for (const auto* bad : {"Zg==", "Z", "Zh", "Zm9", "+/8", "Zm 9v", "Zm9v\n"}) {
        INFO(bad);
        CHECK_FALSE(from_base64url(bad, 100));
    }
    CHECK(from_base64url("Zm9v", 2).error().code == ErrorCode::limit);
}

TEST_CASE("digests have the values of FIPS 180-4 for abc") {
    const auto digest = [](HashAlgorithm algorithm) {
        return hash(algorithm, {as_view("a"), as_view("bc")}).hex();
    };
    CHECK(digest(HashAlgorithm::sha1) == "a9993e364706816aba3e25717850c26c9cd0d89d");
    CHECK(digest(HashAlgorithm::sha256) ==
          "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK(digest(HashAlgorithm::sha384) ==
          "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7");
    CHECK(digest(HashAlgorithm::sha512) ==
          "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd45"
          "4d4423643ce80e2a9ac94fa54ca49f");
}

TEST_CASE("hashing in pieces, also two at once, is hashing the whole") {
    Hasher one(HashAlgorithm::sha256);
    Hasher two(HashAlgorithm::sha256);
    one.update("a");
    two.update("x");
    one.update("bc");
    CHECK(one.finish() == sha256(as_view("abc")));
    CHECK(two.finish() == sha256(as_view("x")));
}

TEST_CASE("a digest has its algorithm's size and compares with it") {
    CHECK_FALSE(Digest::from_bytes(HashAlgorithm::sha256, Bytes(31)));
    CHECK_FALSE(Digest::from_bytes(HashAlgorithm::sha256, Bytes(33)));
    CHECK(*Digest::from_bytes(HashAlgorithm::sha256, Bytes(32)) == Digest());
    CHECK(*Digest::from_bytes(HashAlgorithm::sha1, Bytes(20)) != Digest());
    CHECK(Digest::filled(HashAlgorithm::sha1, std::byte{0xff}).hex() == std::string(40, 'f'));
    CHECK(Digest::filled(HashAlgorithm::sha384, std::byte{1}).is_filled_with(std::byte{1}));
    CHECK(hash_algorithm_from_id(0x000b) == HashAlgorithm::sha256);
    CHECK(hash_algorithm_from_id(0x0012).error().code == ErrorCode::unsupported);
    CHECK_FALSE(hash_algorithm_from_name("SHA256"));
}

TEST_CASE("extend is the hash of old value and digest") {
    const Digest zero;
    const auto with = sha256(as_view("abc"));
    CHECK(extend(zero, with) == hash(HashAlgorithm::sha256, {zero.view(), with.view()}));
}
