#include "evidence/codec/cbor.h"

#include <limits>

#include <catch2/catch.hpp>

#include "evidence/base/hex.h"

using namespace assay;

namespace {

Result<bool> skipped(ByteView bytes) {
    return cbor::parse_document(bytes, "test", [](cbor::Reader& in) {
        in.skip();
        return true;
    });
}

Result<bool> skipped(std::string_view hex) {
    return skipped(*from_hex(hex, 4096));
}

ErrorCode refusal(std::string_view hex) {
    const auto result = skipped(hex);
    REQUIRE_FALSE(result);
    CHECK(result.error().offset);
    return result.error().code;
}

}  // namespace

TEST_CASE("integers have the encodings of RFC 8949 appendix A") {
    const std::vector<std::pair<std::uint64_t, std::string>> cases{
        {0, "00"},
        {23, "17"},
        {24, "1818"},
        {255, "18ff"},
        {256, "190100"},
        {65535, "19ffff"},
        {65536, "1a00010000"},
        {4294967295, "1affffffff"},
        {1ULL << 32U, "1b0000000100000000"},
        {std::numeric_limits<std::uint64_t>::max(), "1bffffffffffffffff"}};
    for (const auto& [value, hex] : cases) {
        CHECK(to_hex(cbor::unsigned_integer(value)) == hex);
        CHECK(cbor::parse_document(*from_hex(hex, 9), "n",
                                   [](cbor::Reader& in) { return in.unsigned_integer("n"); }) == value);
    }
    CHECK(to_hex(cbor::integer(-1)) == "20");
    CHECK(to_hex(cbor::integer(-100)) == "3863");
    CHECK(to_hex(cbor::integer(std::numeric_limits<std::int64_t>::min())) == "3b7fffffffffffffff");
    CHECK(to_hex(cbor::boolean(true)) == "f5");
    CHECK(to_hex(cbor::null()) == "f6");
    CHECK(to_hex(cbor::text("a")) == "6161");
}

TEST_CASE("4.2.1: only the shortest form of an integer or length is read") {
    for (const auto* hex : {"1817", "1900ff", "1a0000ffff", "1b00000000ffffffff", "5801aa", "780161",
                            "980100", "b800", "3800"}) {
        INFO(hex);
        CHECK(refusal(hex) == ErrorCode::malformed);
    }
}

TEST_CASE("4.2.1: indefinite lengths and reserved additional information are refused") {
    for (const auto* hex : {"5f41aaff", "7f6161ff", "9f01ff", "bf616101ff", "1c", "1d", "1e", "1f", "ff"}) {
        INFO(hex);
        CHECK(refusal(hex) == ErrorCode::malformed);
    }
}

TEST_CASE("tags, floats, undefined and other simple values are refused") {
    for (const auto* hex : {"c000", "d8200101", "f90000", "fa00000000", "fb0000000000000000", "f7", "e0",
                            "f3", "f820", "f8ff"}) {
        INFO(hex);
        CHECK(refusal(hex) == ErrorCode::malformed);
    }
}

TEST_CASE("4.2.1: map keys are text, ascend, and are there once") {
    CHECK(skipped("a2616101616202"));                            // a, b
    CHECK(skipped("a261620162616102"));                          // b, aa: the shorter first
    CHECK(refusal("a2616201616101") == ErrorCode::malformed);    // b, a
    CHECK(refusal("a262616101616202") == ErrorCode::malformed);  // aa, b
    CHECK(refusal("a2616101616102") == ErrorCode::malformed);    // a, a
    CHECK(refusal("a10102") == ErrorCode::malformed);            // the key 1
    CHECK(refusal("a1416102") == ErrorCode::malformed);          // the key h'61'
    CHECK(skipped("a26001616102"));                              // the empty key is the first of all
    CHECK(refusal("a260016002") == ErrorCode::malformed);
}

TEST_CASE("text must be UTF-8, also as a key") {
    CHECK(refusal("61ff") == ErrorCode::malformed);
    CHECK(refusal("63eda080") == ErrorCode::malformed);  // a surrogate
    CHECK(refusal("62c080") == ErrorCode::malformed);    // overlong NUL
    CHECK(refusal("a161ff01") == ErrorCode::malformed);
    CHECK(skipped("62c3bc"));
}

TEST_CASE("what ends before it is over is truncated, what goes on is malformed") {
    for (const auto* hex : {"", "18", "19ff", "42aa", "6261", "8201", "a16161", "a1"}) {
        INFO(hex);
        const auto result = skipped(hex);
        REQUIRE_FALSE(result);
        CHECK((result.error().code == ErrorCode::truncated ||
               result.error().context.find("no CBOR item") != std::string::npos));
    }
    CHECK(refusal("0000") == ErrorCode::malformed);
}

TEST_CASE("a claim of gigabytes fails before anything is allocated") {
    for (const auto* hex : {"5b7fffffffffffffff", "7b7fffffffffffffff", "9b7fffffffffffffff",
                            "bb7fffffffffffffff", "9a00ffffff", "5bffffffffffffffff"}) {
        INFO(hex);
        CHECK_FALSE(skipped(hex));
    }
}

TEST_CASE("nesting ends at the limit") {
    Bytes deep(limits::kCborDepth, std::byte{0x81});
    deep.push_back(std::byte{0});
    CHECK(skipped(ByteView(deep)));
    deep.insert(deep.begin(), std::byte{0x81});
    CHECK(skipped(ByteView(deep)).error().code == ErrorCode::limit);
}

TEST_CASE("a document has at most so many items") {
    const auto count = limits::kCborItems - 1;  // and the array itself
    CHECK(skipped(ByteView(cbor::array(std::vector<Bytes>(count, cbor::null())))));
    CHECK(skipped(ByteView(cbor::array(std::vector<Bytes>(count + 1, cbor::null())))).error().code ==
          ErrorCode::limit);
}

TEST_CASE("a value of another type, above its limit or out of range is refused") {
    const auto read = [](std::string_view hex, auto what) {
        return cbor::parse_document(*from_hex(hex, 64), "test", what);
    };
    CHECK_FALSE(read("20", [](cbor::Reader& in) { return in.unsigned_integer("n"); }));
    CHECK_FALSE(read("05", [](cbor::Reader& in) { return in.unsigned_integer("n", 4); }));
    CHECK(read("04", [](cbor::Reader& in) { return in.unsigned_integer("n", 4); }) == 4U);
    CHECK_FALSE(read("1b8000000000000000", [](cbor::Reader& in) { return in.integer("n"); }));
    CHECK_FALSE(read("3b8000000000000000", [](cbor::Reader& in) { return in.integer("n"); }));
    CHECK(read("3b7fffffffffffffff", [](cbor::Reader& in) { return in.integer("n"); }) ==
          std::numeric_limits<std::int64_t>::min());
    CHECK_FALSE(read("626161", [](cbor::Reader& in) { return std::string(in.text("t", 1)); }));
    CHECK_FALSE(read("426161", [](cbor::Reader& in) { return in.bytes("b", 1).size(); }));
    CHECK_FALSE(read("820101", [](cbor::Reader& in) {
        in.array("a", 1, [&] { in.skip(); });
        return true;
    }));
    CHECK_FALSE(read("00", [](cbor::Reader& in) { return in.boolean("b"); }));
    CHECK_FALSE(read("f6", [](cbor::Reader& in) { return in.boolean("b"); }));
    CHECK(read("f6", [](cbor::Reader& in) { return in.take_null(); }) == true);
}

TEST_CASE("the writer sorts a map's keys") {
    CHECK(to_hex(cbor::map({{"aa", cbor::null()}, {"b", cbor::null()}, {"a", cbor::null()}})) ==
          "a36161f66162f6626161f6");
}

TEST_CASE("an error keeps the offset at which it arose") {
    const auto result = skipped("8301021817");
    REQUIRE_FALSE(result);
    CHECK(result.error().offset == 3);
}
