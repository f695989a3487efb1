#include "evidence/codec/der.h"

#include <catch2/catch.hpp>

#include "evidence/base/hex.h"

using namespace assay;

namespace {

Bytes bytes(std::string_view hex) {
    return from_hex(hex, 4096).value();
}

Result<der::Element> element(ByteView view) {
    der::Reader reader(view);
    auto read = reader.any("test");
    if (read && !reader.empty()) return fail(ErrorCode::malformed, "left over");
    return read;
}

}  // namespace

TEST_CASE("a DER element is its tag, its content, and where it stands") {
    const auto input = bytes("30060201050401ff");
    auto reader = der::open(input, der::tag::kSequence, 100, "outer").value();
    const auto number = reader.take(der::tag::kInteger, "number").value();
    CHECK(der::small_number(number, 10, "number").value() == 5);
    const auto octets = reader.any("octets").value();
    CHECK(octets.offset == 7);
    CHECK(to_hex(octets.whole) == "0401ff");
    CHECK(reader.finish("outer"));
    CHECK_FALSE(reader.any("nothing"));
}

TEST_CASE("DER has one form of a length: definite, the shortest, and within what is there") {
    for (const auto* good : {"0400", "040100",
                             "0481"
                             "80"
                             "00"}) {
        const bool long_one = std::string_view(good).starts_with("0481");
        Bytes input = bytes(good);
        if (long_one) input.resize(3 + 0x80);
        CHECK(element(input));
    }
    for (const auto* bad : {"",                  // nothing
                            "04",                // no length
                            "0402ff",            // cut
                            "0480ff0000",        // indefinite
                            "048101ff",          // long form of a short length
                            "04820001ff",        // a leading zero
                            "0485000000000100",  // five octets
                            "0484ffffffff",      // claims four gigabytes
                            "1f0100",            // a tag of two octets
                            "04fe00"}) {         // a length of 126 octets
        INFO(bad);
        CHECK_FALSE(element(bytes(bad)));
    }
}

TEST_CASE("DER nests to a depth, and no deeper") {
    Bytes input = bytes("0500");
    for (unsigned i = 0; i < der::kDepth + 1; ++i) {
        Bytes around{std::byte{0x30}, static_cast<std::byte>(input.size())};
        around.insert(around.end(), input.begin(), input.end());
        input = around;
    }
    der::Reader reader(input);
    for (unsigned i = 0; i < der::kDepth; ++i) reader = reader.enter(der::tag::kSequence, "level").value();
    const auto refused = reader.enter(der::tag::kSequence, "level");
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::limit);
}

TEST_CASE("an INTEGER is in its shortest form, and a small number neither negative nor too big") {
    const auto number = [](std::string_view hex) {
        const auto input = bytes(hex);
        return der::small_number(element(input).value(), 65535, "n");
    };
    CHECK(number("020100").value() == 0);
    CHECK(number("02020080").value() == 128);
    CHECK(number("020300ffff").value() == 65535);
    for (const auto* bad : {"0200", "02020001", "0202ff80", "0201ff", "0203010000", "02050000010000"}) {
        INFO(bad);
        CHECK_FALSE(number(bad));
    }
}

TEST_CASE("BOOLEAN, object identifier, BIT STRING, text and time have one form each") {
    const auto of = [](std::string_view hex, auto&& read) {
        const auto input = bytes(hex);
        return read(element(input).value(), "x");
    };
    CHECK(of("0101ff", der::boolean).value());
    CHECK_FALSE(of("010100", der::boolean).value());
    CHECK_FALSE(of("010101", der::boolean));
    CHECK_FALSE(of("01020000", der::boolean));

    CHECK(of("060567810502"
             "11",
             der::oid)
              .value() == "2.23.133.2.17");
    CHECK(of("06032a8648", der::oid).has_value() == true);
    CHECK(of("06025504", der::oid).value() == "2.5.4");
    CHECK(of("0603883703", der::oid).value() == "2.999.3");
    for (const auto* bad : {"0600", "06018f", "0602558f", "0603558001", "060b55ffffffffffffffffff7f"}) {
        INFO(bad);
        CHECK_FALSE(of(bad, der::oid));
    }
    CHECK(of("030300abcd", der::bit_string).value().size() == 2);
    CHECK_FALSE(of("030301abcd", der::bit_string));
    CHECK_FALSE(of("0300", der::bit_string));

    const auto text = [&](std::string_view hex) {
        const auto input = bytes(hex);
        return der::utf8(element(input).value(), 4, "x");
    };
    CHECK(text("0c03e6bca2").value() == "漢");
    CHECK_FALSE(text("0c01ff"));
    CHECK_FALSE(text("0c0100"));
    CHECK_FALSE(text("0c056161616161"));

    const auto time = [](std::string_view value) {
        Bytes input{std::byte{0x18}, static_cast<std::byte>(value.size())};
        input.insert(input.end(), as_view(value).begin(), as_view(value).end());
        return der::generalized_time(element(input).value(), "t");
    };
    CHECK(time("19700101000000Z").value() == 0);
    CHECK(time("20240229235959Z").value() == 1'709'251'199);
    for (const auto* bad : {"20230229000000Z", "20240101240000Z", "20240101000060Z", "2024010100000Z",
                            "20240101000000+", "20240101000000.5Z", "00000000000000Z"}) {
        INFO(bad);
        CHECK_FALSE(time(bad));
    }
}
